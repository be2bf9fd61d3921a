/** Characters that make a token of the tokenizer since 2026, before anything was billed. Low, so that tokens are many. */
const startCharsPerToken = 2.2
/** Calls after which one's own experience counts. */
const leastCalls = 5
/** What is learnt is exceeded by so much at the most: none of 300 bounds was too low. */
const boundFactor = 1.05

/** A call whose length was known before, and whose tokens were billed after. */
export interface MeasuredPrompt {
  readonly chars: number
  readonly tokens: number
}

export interface TokenGuess {
  readonly likely: number
  /** Never too few, as far as experience tells. */
  readonly bound: number
  readonly isCalibrated: boolean
}

/** How many tokens a text of so many characters is, learnt from what the same model was billed for before. */
export function tokensOf(chars: number, measured: readonly MeasuredPrompt[]): TokenGuess {
  const perChar = measured
    .filter((one) => one.chars > 0 && one.tokens > 0)
    .map((one) => one.tokens / one.chars)
    .sort((one, other) => one - other)
  if (perChar.length < leastCalls) {
    const likely = Math.ceil(chars / startCharsPerToken)
    // Dense text, numbers and other scripts come close to a token for each character.
    return { likely, bound: chars, isCalibrated: false }
  }
  const likely = Math.ceil(chars * quantile(perChar, 0.5))
  return { likely, bound: Math.ceil(chars * quantile(perChar, 0.99) * boundFactor), isCalibrated: true }
}

/** The value below or at which so large a share of sorted values lies. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))
  return sorted[at] ?? 0
}
