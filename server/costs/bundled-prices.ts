import type { PriceRow } from '../../contract/costs.ts'

/**
 * Prices of Anthropic, from the model catalogue in the official Claude Code 2.1.330 of this day; they agree with the
 * public price page of October 2026. Batches: documentation of the same month. `npm run price-oracle` compares them anew.
 */
export const bundledAsOf = '2026-11-20'

/** In picodollars per token: 1 US dollar per million tokens is a million of them. */
const usd = (perMillion: number): number => Math.round(perMillion * 1_000_000)

type Figures = readonly [input: number, write5m: number, write1h: number, read: number, output: number]

const tier = (upToPromptTokens: number | null, [input, write5m, write1h, read, output]: Figures) => ({
  upToPromptTokens,
  input: usd(input),
  cacheWrite5m: usd(write5m),
  cacheWrite1h: usd(write1h),
  cacheRead: usd(read),
  output: usd(output),
})

const row = (model: string, effectiveFrom: string, tiers: PriceRow['tiers']): PriceRow => ({
  model,
  effectiveFrom,
  tiers,
  batchPercent: 50,
  source: 'bundled',
  asOf: bundledAsOf,
})

const sinceEver = '2025-01-01'
const flat = (model: string, figures: Figures, effectiveFrom = sinceEver) =>
  row(model, effectiveFrom, [tier(null, figures)])

/** Exact names only: a pattern once charged a cheap model at the price of a dear one of the same family. */
export const bundledPrices: readonly PriceRow[] = [
  row('claude-haiku-5-5', sinceEver, [
    tier(100_000, [0.1, 0.125, 0.2, 0.01, 0.5]),
    tier(null, [0.5, 0.625, 1, 0.05, 2.5]),
  ]),
  flat('claude-sonnet-5-5', [2, 2.5, 4, 0.2, 10]),
  flat('claude-sonnet-5-5', [2, 2.5, 4, 0.1, 10], '2026-10-07'),
  flat('claude-opus-5-5', [4, 5, 8, 0.2, 20]),
  flat('claude-fable-5-2', [8, 10, 16, 0.2, 40]),
  flat('claude-sonnet-5', [2, 2.5, 4, 0.2, 10]),
  flat('claude-opus-5', [5, 6.25, 10, 0.5, 25]),
  flat('claude-opus-4-8', [5, 6.25, 10, 0.5, 25]),
  flat('claude-opus-4-7', [5, 6.25, 10, 0.5, 25]),
  flat('claude-opus-4-6', [5, 6.25, 10, 0.5, 25]),
  flat('claude-opus-4-5', [5, 6.25, 10, 0.5, 25]),
  flat('claude-sonnet-4-6', [3, 3.75, 6, 0.3, 15]),
  flat('claude-haiku-4-5', [1, 1.25, 2, 0.1, 5]),
]
