const minute = 60_000
const hour = 60 * minute

/** Waits after the first, second, … attempt that failed: a day all together. */
const waits = [minute / 2, 2 * minute, 10 * minute, 30 * minute, hour, 3 * hour, 6 * hour, 12 * hour]

/** After so many attempts a channel that stands in takes over: within minutes, not hours. */
const attemptsBeforeFallback = 3
/** However long somebody asks us to wait. */
const longestAskedMs = hour

interface Failure {
  /** Attempts so far, this one included. */
  readonly attempts: number
  readonly mayRetry: boolean
  readonly hasFallback: boolean
  /** What the other side asked for, milliseconds. */
  readonly retryAfterMs?: number | undefined
}

export type Next =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'hand-over' }
  | { readonly kind: 'give-up' }

/** What becomes of a message that could not be sent. */
export function nextAfter({ attempts, mayRetry, hasFallback, retryAfterMs = 0 }: Failure): Next {
  if (hasFallback && (!mayRetry || attempts >= attemptsBeforeFallback)) return { kind: 'hand-over' }
  const wait = waits[attempts - 1]
  if (!mayRetry || wait === undefined) return { kind: 'give-up' }
  return { kind: 'wait', ms: Math.max(wait, Math.min(retryAfterMs, longestAskedMs)) }
}
