import type { DriverKind } from '../../contract/ai.ts'
import {
  type Billing,
  type PriceRow,
  type PriceTier,
  pricesOldDays,
  type TokenUse,
} from '../../contract/costs.ts'
import type { NanoUsd } from '../../contract/money.ts'

export type CallMode = 'direct' | 'batch'
/** What a request writes into the provider's cache, which is dearer than plain input. */
export type CacheTtl = 'none' | '5m' | '1h'

/** The price that a call is charged at; of another model, the dearest, where its own is not known. */
export interface Price {
  readonly row: PriceRow
  readonly isKnown: boolean
}

/**
 * How a call is paid for when nobody says: a subscription for Claude Code. A server that speaks as OpenAI does is one's
 * own, until somebody sets a price for its model: then it is one that sends a bill.
 */
export function billingOf(driver: DriverKind, price: Price): Billing {
  switch (driver) {
    case 'claude-code':
      return 'plan'
    case 'openai-compatible':
      return price.isKnown ? 'metered' : 'own'
    case 'anthropic':
    case 'none':
      return 'metered'
  }
}

export const noUse: TokenUse = {
  input: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  cacheRead: 0,
  output: 0,
  thinking: 0,
}

/** Names a row in the ledger: `bundled claude-haiku-5-5 2025-01-01`. */
export const priceRowId = ({ source, model, effectiveFrom }: PriceRow): string =>
  `${source} ${model} ${effectiveFrom}`

/**
 * The price of a model on a day: of the rows that a person set the newest that is in force, else of the bundled ones. A
 * model that nobody knows is charged at the dearest known row: better too much in the ledger than a bill that surprises.
 */
export function priceFor(model: string, day: string, rows: readonly PriceRow[]): Price {
  const own = newest(rows, model, day, 'user') ?? newest(rows, model, day, 'bundled') ?? earliest(rows, model)
  if (own) return { row: own, isKnown: true }
  return { row: dearest(rows), isKnown: false }
}

function newest(
  rows: readonly PriceRow[],
  model: string,
  day: string,
  source: PriceRow['source'],
): PriceRow | undefined {
  return rows
    .filter((row) => row.model === model && row.source === source && row.effectiveFrom <= day)
    .sort((one, other) => other.effectiveFrom.localeCompare(one.effectiveFrom))[0]
}

/** A model that is only priced from a later day on costs the same before, as far as anybody knows. */
const earliest = (rows: readonly PriceRow[], model: string): PriceRow | undefined =>
  rows
    .filter((row) => row.model === model)
    .sort((one, other) => one.effectiveFrom.localeCompare(other.effectiveFrom))[0]

function dearest(rows: readonly PriceRow[]): PriceRow {
  const found = rows.reduce<PriceRow | undefined>(
    (most, row) => (most === undefined || dearness(row) > dearness(most) ? row : most),
    undefined,
  )
  if (!found) throw new Error('there is no price at all')
  return found
}

/** Of a prompt three times as long as its answer, which is how this product asks. */
const dearness = ({ tiers }: PriceRow): number =>
  Math.max(...tiers.map((tier) => 3 * Math.max(tier.input, tier.cacheWrite1h) + tier.output))

/** The whole prompt: what the API calls input is only what came after the last cache breakpoint. */
export const promptTokens = ({ input, cacheWrite5m, cacheWrite1h, cacheRead }: TokenUse): number =>
  input + cacheWrite5m + cacheWrite1h + cacheRead

/** The size of the prompt decides for all tokens of the request, also for those of the answer. */
function tierOf({ tiers }: PriceRow, prompt: number): PriceTier {
  const found = tiers.find(({ upToPromptTokens: most }) => most === null || prompt <= most) ?? tiers.at(-1)
  if (!found) throw new Error('a price has no tier')
  return found
}

/** What a call costs. Thinking is part of the output already, and is not counted again. */
export function costOf(row: PriceRow, use: TokenUse, mode: CallMode): NanoUsd {
  const tier = tierOf(row, promptTokens(use))
  return toNano(
    use.input * tier.input +
      use.cacheWrite5m * tier.cacheWrite5m +
      use.cacheWrite1h * tier.cacheWrite1h +
      use.cacheRead * tier.cacheRead +
      use.output * tier.output,
    row,
    mode,
  )
}

/** The same, but a refusal that said nothing is not billed, though its tokens are told. */
export function billedCost(
  row: PriceRow,
  use: TokenUse,
  { mode, stopReason }: { mode: CallMode; stopReason: string | null },
): NanoUsd {
  return stopReason === 'refusal' && use.output === 0 ? 0 : costOf(row, use, mode)
}

/** The most that a call can cost: every token of the prompt at the dearest rate there is for it, and the longest answer. */
export function worstCost(
  row: PriceRow,
  call: { inputBound: number; maxOutput: number; mode: CallMode; cacheTtl: CacheTtl },
): NanoUsd {
  const sizes = row.tiers.flatMap(({ upToPromptTokens: size }) =>
    size !== null && size < call.inputBound ? [size] : [],
  )
  return Math.max(
    ...[...sizes, call.inputBound].map((prompt) => {
      const tier = tierOf(row, prompt)
      return toNano(prompt * dearestInput(tier, call.cacheTtl) + call.maxOutput * tier.output, row, call.mode)
    }),
  )
}

function dearestInput(tier: PriceTier, ttl: CacheTtl): number {
  switch (ttl) {
    case 'none':
      return tier.input
    case '5m':
      return Math.max(tier.input, tier.cacheWrite5m)
    case '1h':
      return Math.max(tier.input, tier.cacheWrite5m, tier.cacheWrite1h)
  }
}

/** Rounded up, so that a sum of calls is never below the bill. */
function toNano(picoUsd: number, { batchPercent }: PriceRow, mode: CallMode): NanoUsd {
  const percent = mode === 'batch' ? batchPercent : 100
  return Math.ceil((picoUsd * percent) / 100_000)
}

/** Whether it is long ago that somebody looked at the prices. */
export function areOld(asOf: string, now: Date): boolean {
  return now.getTime() - Date.parse(`${asOf}T00:00:00Z`) > pricesOldDays * 86_400_000
}
