import { describe, expect, test } from 'vitest'
import type { PriceRow, TokenUse } from '../../contract/costs.ts'
import { bundledPrices } from './bundled-prices.ts'
import { areOld, billedCost, costOf, noUse, priceFor, worstCost } from './prices.ts'

const today = '2026-11-26'
const rowOf = (model: string, day = today): PriceRow => priceFor(model, day, bundledPrices).row
const use = (given: Partial<TokenUse>): TokenUse => ({ ...noUse, ...given })

/** In US dollars, as the price page would be read with a pocket calculator. */
describe.each<[string, string, Partial<TokenUse>, 'direct' | 'batch', number]>([
  ['plain input and output', 'claude-haiku-5-5', { input: 3_550, output: 800 }, 'direct', 0.000755],
  [
    'a read of the cache',
    'claude-sonnet-5-5',
    { cacheRead: 1_900, input: 1_650, output: 800 },
    'direct',
    0.01149,
  ],
  ['a write for five minutes', 'claude-sonnet-5-5', { cacheWrite5m: 10_000 }, 'direct', 0.025],
  ['a write for an hour, which is dearer', 'claude-sonnet-5-5', { cacheWrite1h: 10_000 }, 'direct', 0.04],
  ['both writes at once', 'claude-opus-5-5', { cacheWrite5m: 1_000, cacheWrite1h: 1_000 }, 'direct', 0.013],
  ['half the price in a batch', 'claude-sonnet-5-5', { input: 3_550, output: 800 }, 'batch', 0.00755],
  ['a batch that reads the cache', 'claude-opus-5-5', { cacheRead: 10_000, output: 100 }, 'batch', 0.002],
  ['a prompt of exactly the first tier', 'claude-haiku-5-5', { input: 100_000 }, 'direct', 0.01],
  [
    'one token more: all of them at the second tier',
    'claude-haiku-5-5',
    { input: 100_001 },
    'direct',
    0.0500005,
  ],
  [
    'cached tokens count for the tier',
    'claude-haiku-5-5',
    { cacheRead: 100_000, input: 1 },
    'direct',
    0.0050005,
  ],
  [
    'the tier holds for the answer too',
    'claude-haiku-5-5',
    { input: 100_001, output: 1_000 },
    'direct',
    0.0525005,
  ],
  [
    'tokens of the cache below the tier',
    'claude-haiku-5-5',
    { cacheRead: 99_999, input: 1 },
    'direct',
    0.00100009,
  ],
  [
    'thinking, which is in the output already',
    'claude-haiku-5-5',
    { output: 800, thinking: 700 },
    'direct',
    0.0004,
  ],
  ['nothing', 'claude-opus-5', {}, 'direct', 0],
  ['a fraction of a billionth, rounded up', 'claude-haiku-5-5', { cacheRead: 1 }, 'batch', 0.000000005],
])('%s', (_name, model, given, mode, usd) => {
  test(`costs ${usd} USD`, () => expect(costOf(rowOf(model), use(given), mode)).toBe(Math.round(usd * 1e9)))
})

test('every amount is whole, so sums are exact', () => {
  for (const row of bundledPrices) {
    for (const tokens of [1, 3, 7, 99_999, 100_001, 1_999_999]) {
      const amount = costOf(row, use({ input: tokens, cacheRead: tokens, output: tokens }), 'batch')
      expect(Number.isSafeInteger(amount)).toBe(true)
    }
  }
})

describe('a refusal', () => {
  const facts = { mode: 'direct', stopReason: 'refusal' } as const
  test('before a word costs nothing, though tokens are told', () => {
    expect(billedCost(rowOf('claude-opus-5-5'), use({ input: 5_000 }), facts)).toBe(0)
  })
  test('in the middle costs what was said', () => {
    expect(billedCost(rowOf('claude-opus-5-5'), use({ input: 5_000, output: 10 }), facts)).toBe(20_200_000)
  })
})

describe('the price of a model', () => {
  const own = (effectiveFrom: string, input: number): PriceRow => ({
    model: 'claude-haiku-5-5',
    effectiveFrom,
    tiers: [{ upToPromptTokens: null, input, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0, output: 0 }],
    batchPercent: 50,
    source: 'user',
    asOf: today,
  })
  const inputOn = (day: string, ...rows: PriceRow[]) =>
    priceFor('claude-haiku-5-5', day, [...bundledPrices, ...rows]).row.tiers[0]?.input

  test('is the one of its day', () => {
    expect(rowOf('claude-sonnet-5-5', '2026-10-06').tiers[0]?.cacheRead).toBe(200_000)
    expect(rowOf('claude-sonnet-5-5', '2026-10-07').tiers[0]?.cacheRead).toBe(100_000)
  })
  test('that somebody set goes before the bundled one, from its day on', () => {
    expect(inputOn('2026-11-19', own('2026-11-20', 7))).toBe(100_000)
    expect(inputOn('2026-11-20', own('2026-11-20', 7))).toBe(7)
    expect(inputOn('2026-11-26', own('2026-11-20', 7), own('2026-11-25', 8))).toBe(8)
  })
  test.each(['claude-haiku-5-5-20261001', 'claude-opus', 'CLAUDE-HAIKU-5-5', 'gpt-9', '', '__proto__'])(
    'is not guessed: %j is charged at the dearest known row, and marked',
    (model) => {
      const price = priceFor(model, today, bundledPrices)
      expect(price).toMatchObject({ isKnown: false, row: { model: 'claude-fable-5-2' } })
    },
  )
  test('of a model that only a person knows is known', () => {
    const rows = [...bundledPrices, { ...own('2026-12-01', 5), model: 'gpt-9' }]
    expect(priceFor('gpt-9', today, rows)).toMatchObject({ isKnown: true })
  })
})

describe('what is reserved', () => {
  const bound = { inputBound: 3_550, maxOutput: 4_000, mode: 'direct', cacheTtl: 'none' } as const
  test('is the most that the call can cost', () => {
    expect(worstCost(rowOf('claude-haiku-5-5'), bound)).toBe(2_355_000)
    expect(worstCost(rowOf('claude-haiku-5-5'), { ...bound, cacheTtl: '1h' })).toBe(2_710_000)
    expect(worstCost(rowOf('claude-haiku-5-5'), { ...bound, mode: 'batch' })).toBe(1_177_500)
  })
  test.each([
    [{ input: 3_550, output: 4_000 }],
    [{ cacheWrite1h: 3_550, output: 4_000 }],
    [{ cacheWrite5m: 3_000, input: 550, output: 4_000 }],
    [{ cacheRead: 3_550, output: 4_000 }],
  ])('is never less than what it then costs: %j', (given) => {
    for (const row of bundledPrices) {
      const most = worstCost(row, { ...bound, cacheTtl: '1h' })
      expect(costOf(row, use(given), 'direct')).toBeLessThanOrEqual(most)
    }
  })
  test('counts a prompt below the bound that falls into a dearer tier', () => {
    const cheaperInBulk: PriceRow = {
      ...rowOf('claude-haiku-5-5'),
      tiers: [
        {
          upToPromptTokens: 1_000,
          input: 10,
          cacheWrite5m: 0,
          cacheWrite1h: 0,
          cacheRead: 0,
          output: 50_000,
        },
        { upToPromptTokens: null, input: 1, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0, output: 1 },
      ],
    }
    const small = costOf(cheaperInBulk, use({ input: 900, output: 4_000 }), 'direct')
    expect(worstCost(cheaperInBulk, bound)).toBeGreaterThanOrEqual(small)
  })
})

test.each([
  ['2026-11-20', '2026-11-26T12:00:00Z', false],
  ['2026-11-20', '2027-02-18T00:00:00Z', false],
  ['2026-11-20', '2027-02-18T00:00:01Z', true],
])('prices of %s are old at %s: %s', (asOf, now, old) => expect(areOld(asOf, new Date(now))).toBe(old))
