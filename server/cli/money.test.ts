import { describe, expect, test } from 'vitest'
import { toEstimateText, toMoneyText } from './money.ts'

test.each([
  [0, '$0.00'],
  [755_000, '$0.00076'],
  [2_355_000, '$0.0024'],
  [60_400_000, '$0.060'],
  [999_000_000, '$1.00'],
  [1_234_000_000, '$1.23'],
  [1, '$0.0000000010'],
])('%s billionths read %s', (amount, text) => expect(toMoneyText(amount)).toBe(text))

describe('a run costs', () => {
  const estimate = {
    driver: 'anthropic',
    model: 'claude-haiku-5-5',
    isAiOn: true,
    billing: 'metered',
    likelyNanoUsd: 755_000,
    mostNanoUsd: 2_355_000,
    atLeastNanoUsd: 0,
    isPriceKnown: true,
    learntFrom: 0,
  } as const
  test.each([
    [{}, 1, 'claude-haiku-5-5 on 1 node: about $0.00076, at most $0.0024, nothing if quiet.'],
    [{}, 3, 'claude-haiku-5-5 on 3 nodes: about $0.0023, at most $0.0071, nothing if quiet.'],
    [{ isAiOn: false }, 1, 'AI is off: no model is asked, and nothing is spent.'],
    [{ billing: 'plan' }, 1, 'claude-haiku-5-5 is paid by your plan: nothing on top.'],
    [{ billing: 'own' }, 1, 'claude-haiku-5-5 is your own: nothing is spent.'],
  ] as const)('%j on %i', (changed, nodes, text) =>
    expect(toEstimateText({ ...estimate, ...changed }, nodes)).toBe(text),
  )
  test('what an unknown model may cost, and says so', () => {
    expect(toEstimateText({ ...estimate, isPriceKnown: false }, 1)).toContain('not known')
  })
})
