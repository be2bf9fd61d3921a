import { expect, test } from 'vitest'
import type { AgentId } from '../../contract/ids.ts'
import { nanoPerUsd } from '../../contract/money.ts'
import { suggest } from './suggestions.ts'

const agent = (id: string) => id as AgentId
const quiet = {
  forecast: null,
  monthlyLimit: 10 * nanoPerUsd,
  heldUnknownNanoUsd: 0,
  byAgent: [],
  byModel: [],
  limitedAgents: new Set<string>(),
  arePricesOld: false,
  cheaper: null,
}
const forecast = (likely: number, most = likely) => ({
  likelyNanoUsd: likely,
  leastNanoUsd: 0,
  mostNanoUsd: most,
  days: 9,
})

test.each<[string, Partial<Parameters<typeof suggest>[0]>, object[]]>([
  ['nothing is wrong', {}, []],
  [
    'the month will reach its limit',
    { forecast: forecast(10 * nanoPerUsd) },
    [
      {
        kind: 'limit-will-be-reached',
        apply: { limit: 'month', agentId: null, limitNanoUsd: 15 * nanoPerUsd },
      },
    ],
  ],
  [
    'the limit protects from nothing',
    { forecast: forecast(0.05 * nanoPerUsd, 0.1 * nanoPerUsd) },
    [{ kind: 'limit-is-loose', apply: { limitNanoUsd: 0.4 * nanoPerUsd } }],
  ],
  [
    'a cheaper model would do',
    {
      byModel: [{ driver: 'anthropic', model: 'dear', isPriceKnown: true, nanoUsd: nanoPerUsd, calls: 9 }],
      cheaper: { now: 'dear', model: 'cheap', ratio: 0.05 },
    },
    [{ kind: 'cheaper-model', subject: 'cheap', nanoUsd: 0.95 * nanoPerUsd, apply: null }],
  ],
  [
    'a cheaper model would save a few cents',
    {
      byModel: [{ driver: 'anthropic', model: 'dear', isPriceKnown: true, nanoUsd: 1_000_000, calls: 9 }],
      cheaper: { now: 'dear', model: 'cheap', ratio: 0.05 },
    },
    [],
  ],
  ['there is no limit on purpose', { forecast: forecast(nanoPerUsd), monthlyLimit: null }, []],
  ['nothing may be spent on purpose', { forecast: forecast(0), monthlyLimit: 0 }, []],
  [
    'one agent spends most',
    {
      byAgent: [
        { agentId: agent('docker-janitor'), nanoUsd: 8 * nanoPerUsd, calls: 9 },
        { agentId: agent('system-health'), nanoUsd: 2 * nanoPerUsd, calls: 90 },
      ],
    },
    [
      {
        kind: 'agent-dominates',
        subject: 'docker-janitor',
        percent: 80,
        apply: { limitNanoUsd: 10 * nanoPerUsd },
      },
    ],
  ],
  [
    'the one that spends most has its limit',
    {
      limitedAgents: new Set(['docker-janitor']),
      byAgent: [
        { agentId: agent('docker-janitor'), nanoUsd: 8 * nanoPerUsd, calls: 9 },
        { agentId: agent('system-health'), nanoUsd: 2 * nanoPerUsd, calls: 90 },
      ],
    },
    [],
  ],
  ['bills are unknown', { heldUnknownNanoUsd: 5 }, [{ kind: 'bills-unknown', nanoUsd: 5, apply: null }]],
  [
    'a price is unknown, and all prices are old',
    {
      arePricesOld: true,
      byModel: [{ driver: 'anthropic', model: 'new-model', isPriceKnown: false, nanoUsd: 7, calls: 1 }],
    },
    [{ kind: 'price-unknown', subject: 'new-model' }, { kind: 'prices-old' }],
  ],
])('when %s', (_name, given, suggested) => expect(suggest({ ...quiet, ...given })).toMatchObject(suggested))
