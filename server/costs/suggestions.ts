import type { CostForecast, CostSuggestion, Spending } from '../../contract/costs.ts'
import { nanoPerUsd, type NanoUsd } from '../../contract/money.ts'

interface SuggestFrom {
  readonly forecast: CostForecast | null
  readonly monthlyLimit: NanoUsd | null
  readonly heldUnknownNanoUsd: NanoUsd
  readonly byAgent: Spending['byAgent']
  readonly byModel: Spending['byModel']
  /** Agents that have a limit of their own. */
  readonly limitedAgents: ReadonlySet<string>
  readonly arePricesOld: boolean
  /** What is asked by itself, and a model that does the same for at most this share of its price; null for none. */
  readonly cheaper: { readonly now: string; readonly model: string; readonly ratio: number } | null
}

const cent = nanoPerUsd / 100
/** Below this there is nothing to gain, a month. */
const worthLookingAt = 10 * cent
/** A limit so many times the forecast protects from little. */
const looseFactor = 20

/** What could be better about the money, most pressing first. What is about a limit can be applied as it stands. */
export function suggest(from: SuggestFrom): CostSuggestion[] {
  return [
    ...unknownBills(from),
    ...unknownPrices(from),
    ...(from.arePricesOld ? [plain('prices-old')] : []),
    ...monthlyLimit(from),
    ...dominantAgent(from),
    ...cheaperModel(from),
  ]
}

const plain = (kind: CostSuggestion['kind']): CostSuggestion => ({
  kind,
  subject: null,
  nanoUsd: null,
  percent: null,
  apply: null,
})

function unknownBills({ heldUnknownNanoUsd: held }: SuggestFrom): CostSuggestion[] {
  return held > 0 ? [{ ...plain('bills-unknown'), nanoUsd: held }] : []
}

function unknownPrices({ byModel }: SuggestFrom): CostSuggestion[] {
  return byModel
    .filter(({ isPriceKnown }) => !isPriceKnown)
    .map(({ model, nanoUsd }) => ({ ...plain('price-unknown'), subject: model, nanoUsd }))
}

function monthlyLimit({ forecast, monthlyLimit: limit }: SuggestFrom): CostSuggestion[] {
  if (!forecast || limit === null || limit === 0) return []
  // The forecast stops at the limit, so reaching it is all that can be seen.
  if (forecast.likelyNanoUsd >= limit) {
    const wanted = roundUp(limit * 1.5)
    return [limitTo('limit-will-be-reached', wanted)]
  }
  if (forecast.mostNanoUsd * looseFactor >= limit) return []
  const wanted = roundUp(Math.max(forecast.mostNanoUsd * 4, worthLookingAt))
  return wanted < limit ? [limitTo('limit-is-loose', wanted)] : []
}

const limitTo = (kind: CostSuggestion['kind'], nanoUsd: NanoUsd): CostSuggestion => ({
  ...plain(kind),
  nanoUsd,
  apply: { limit: 'month', agentId: null, limitNanoUsd: nanoUsd },
})

function dominantAgent({ byAgent, limitedAgents }: SuggestFrom): CostSuggestion[] {
  const total = byAgent.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0)
  const [most] = byAgent
  if (!most?.agentId || byAgent.length < 2 || total < worthLookingAt) return []
  const percent = Math.round((most.nanoUsd / total) * 100)
  if (percent < 60 || limitedAgents.has(most.agentId)) return []
  const limitNanoUsd = roundUp(most.nanoUsd * 1.25)
  return [
    {
      kind: 'agent-dominates',
      subject: most.agentId,
      nanoUsd: limitNanoUsd,
      percent,
      apply: { limit: 'agent', agentId: most.agentId, limitNanoUsd },
    },
  ]
}

function cheaperModel({ byModel, cheaper }: SuggestFrom): CostSuggestion[] {
  if (!cheaper) return []
  const spent = byModel.find(({ model }) => model === cheaper.now)?.nanoUsd ?? 0
  const saved = Math.floor(spent * (1 - cheaper.ratio))
  return saved < worthLookingAt ? [] : [{ ...plain('cheaper-model'), subject: cheaper.model, nanoUsd: saved }]
}

/** To a figure that people would choose: whole cents below a dollar, tenths above it, dollars above ten. */
function roundUp(amount: NanoUsd): NanoUsd {
  const step = amount < nanoPerUsd ? cent : amount < 10 * nanoPerUsd ? 10 * cent : nanoPerUsd
  return Math.ceil(amount / step) * step
}
