import type { PriceTier } from '../../contract/costs.ts'
import { readPrice } from './amounts.ts'

export const rates = ['input', 'cacheWrite5m', 'cacheWrite1h', 'cacheRead', 'output'] as const
export type Rate = (typeof rates)[number]

/** A tier as it is typed. */
export interface TierDraft {
  /** Tokens of the prompt up to which it holds; of the last tier nothing is read here. */
  readonly upTo: string
  readonly texts: Readonly<Record<Rate, string>>
}

export const emptyTier: TierDraft = {
  upTo: '',
  texts: { input: '', cacheWrite5m: '', cacheWrite1h: '', cacheRead: '', output: '' },
}

/** A tier as it would have been typed. */
export const toDraft = (tier: PriceTier): TierDraft => ({
  upTo: tier.upToPromptTokens === null ? '' : String(tier.upToPromptTokens),
  texts: Object.fromEntries(rates.map((rate) => [rate, String(tier[rate] / 1e6)])) as TierDraft['texts'],
})

/** Tokens that were typed, with or without separators; null for what is no number of them. */
export function readTokens(text: string): number | null {
  const digits = text.replace(/[\s.,'_]/g, '')
  return /^[1-9]\d{0,8}$/.test(digits) ? Number(digits) : null
}

/** Whether the size of a tier is a number, and more than that of the one before. */
export function isSizeGood(tiers: readonly TierDraft[], index: number): boolean {
  if (index === tiers.length - 1) return true
  const size = readTokens(tiers[index]?.upTo ?? '')
  const before = index === 0 ? 0 : (readTokens(tiers[index - 1]?.upTo ?? '') ?? 0)
  return size !== null && size > before
}

/** The tiers that were typed; null as long as anything of them is missing or wrong. */
export function readTiers(drafts: readonly TierDraft[]): PriceTier[] | null {
  const tiers = drafts.map(({ upTo, texts }, index): PriceTier | null => {
    const isLast = index === drafts.length - 1
    const [input, cacheWrite5m, cacheWrite1h, cacheRead, output] = rates.map((rate) => readPrice(texts[rate]))
    if (!isSizeGood(drafts, index)) return null
    if (
      input == null ||
      cacheWrite5m == null ||
      cacheWrite1h == null ||
      cacheRead == null ||
      output == null
    ) {
      return null
    }
    const upToPromptTokens = isLast ? null : readTokens(upTo)
    return { upToPromptTokens, input, cacheWrite5m, cacheWrite1h, cacheRead, output }
  })
  return tiers.every((tier) => tier !== null) ? tiers : null
}
