import type { PriceRow, TokenUse } from '../../contract/costs.ts'
import type { NanoUsd } from '../../contract/money.ts'
import { quantile } from './calibration.ts'
import { type CallMode, costOf, noUse, promptTokens, worstCost } from './prices.ts'

/** Instructions and schema, a report of one node, and an answer, as they were measured before anything was billed. */
const startPrompt = 3_550
const startOutput = 800
/** The longest answer that is asked for. */
export const longestAnswer = 4_000
/** A prompt may be longer than those before. */
const promptMargin = 1.05

interface EstimateOf {
  readonly row: PriceRow
  readonly mode: CallMode
  /** What the last calls were billed for, at most 50. */
  readonly past: readonly TokenUse[]
  /** The prompt, where it is known. */
  readonly inputTokens: number | undefined
  /** What one execution may cost; null for no limit. */
  readonly executionLimit: NanoUsd | null
}

/** What a call will likely cost, and the most that it can: the limit of an execution stops it in any case. */
export function estimateCall({ row, mode, past, inputTokens, executionLimit }: EstimateOf): {
  likelyNanoUsd: NanoUsd
  mostNanoUsd: NanoUsd
} {
  const prompts = past.map(promptTokens).sort(ascending)
  const outputs = past.map(({ output }) => output).sort(ascending)
  const hasPast = past.length > 0
  const prompt = inputTokens ?? (hasPast ? quantile(prompts, 0.5) : startPrompt)
  const output = hasPast ? quantile(outputs, 0.5) : startOutput
  const likely =
    hasPast && inputTokens === undefined
      ? // Of the calls themselves, so that what the cache saves is in it.
        quantile(past.map((use) => costOf(row, use, mode)).sort(ascending), 0.5)
      : costOf(row, { ...noUse, input: prompt, output }, mode)
  const longest = inputTokens ?? (hasPast ? Math.ceil(quantile(prompts, 0.95) * promptMargin) : startPrompt)
  const maxOutput = Math.max(longestAnswer, quantile(outputs, 1))
  const wasCached = past.some(({ cacheWrite5m, cacheWrite1h }) => cacheWrite5m + cacheWrite1h > 0)
  const most = worstCost(row, { inputBound: longest, maxOutput, mode, cacheTtl: wasCached ? '1h' : 'none' })
  const capped = Math.min(most, executionLimit ?? most)
  return { likelyNanoUsd: Math.min(likely, capped), mostNanoUsd: capped }
}

const ascending = (one: number, other: number): number => one - other
