import type { DriverResult } from './driver.ts'

/** Waits between attempts at something that is overloaded or not reached, milliseconds; a tenth to and fro comes on top. */
const waitsMs = [1_000, 4_000]
/** Longer than this nobody waits for a rate limit, milliseconds. */
const longestWaitMs = 60_000

export interface Attempts {
  /** Results so far, the newest last. */
  readonly results: readonly DriverResult[]
  readonly mayRepair: boolean
  /** What is left of the time for the whole call, milliseconds. */
  readonly leftMs: number
  /** From 0 to 1, so that many who failed at once do not come back at once. */
  readonly jitter: number
}

export type NextAttempt =
  | { readonly kind: 'again'; readonly inMs: number; readonly asRepair: boolean }
  | { readonly kind: 'stop' }

const stop: NextAttempt = { kind: 'stop' }

/** Says whether what did not work is tried again, and when. Each attempt may have to be paid. */
export function nextAttempt({ results, mayRepair, leftMs, jitter }: Attempts): NextAttempt {
  const last = results.at(-1)
  if (last?.kind === 'malformed') {
    const wasRepaired = results.filter(({ kind }) => kind === 'malformed').length > 1
    return mayRepair && !wasRepaired ? { kind: 'again', inMs: 0, asRepair: true } : stop
  }
  if (last?.kind !== 'failed') return stop
  const before = results.filter((one) => one.kind === 'failed')
  switch (last.reason) {
    case 'rate-limited': {
      const { retryAfterMs } = last
      const isFirst = before.filter(({ reason }) => reason === 'rate-limited').length === 1
      return isFirst && retryAfterMs !== null && retryAfterMs <= longestWaitMs
        ? within(leftMs, retryAfterMs)
        : stop
    }
    case 'overloaded':
    case 'offline': {
      const waitMs = waitsMs[before.length - 1]
      if (waitMs === undefined) return stop
      const asked = last.retryAfterMs ?? 0
      return within(leftMs, Math.max(asked, Math.round(waitMs * (0.9 + 0.2 * jitter))))
    }
    case 'spend-limit':
    case 'out-of-credit':
    case 'wrong-key':
    case 'no-such-model':
    case 'bad-request':
    case 'timed-out':
    case 'aborted':
      return stop
  }
}

const within = (leftMs: number, inMs: number): NextAttempt =>
  inMs < leftMs ? { kind: 'again', inMs, asRepair: false } : stop
