import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'

/** So many connections may come at once, before the hourly rate counts. */
const burst = 10
const hourMs = 3_600_000

interface Bucket {
  tokens: number
  /** Monotonic. */
  filledAtMs: number
}

/** The budget of new connections per node: a bucket of ten that refills by the hourly rate. A rate of 0 is no limit. */
export function createBudget({ clock }: { clock: Clock }) {
  const buckets = new Map<string, Bucket>()

  function bucketOf(node: string, perHour: number): Bucket {
    const nowMs = clock.monotonicMs()
    const bucket = buckets.get(node) ?? { tokens: burst, filledAtMs: nowMs }
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.filledAtMs) * perHour) / hourMs)
    bucket.filledAtMs = nowMs
    buckets.set(node, bucket)
    return bucket
  }

  /** Pays for one connection. Throws `ssh.connection_budget` with the time of the next one. */
  function take(node: string, perHour: number): void {
    if (perHour === 0) return
    const bucket = bucketOf(node, perHour)
    if (bucket.tokens >= 1) {
      bucket.tokens--
      return
    }
    const waitMs = Math.ceil(((1 - bucket.tokens) * hourMs) / perHour)
    const retryAt = new Date(clock.now().getTime() + waitMs)
    const detail = `${perHour} new connections an hour are allowed; the next one is at ${retryAt.toISOString()}.`
    throw fail('ssh.connection_budget', { detail, retryAt })
  }

  /** Whether `take` would pass now. */
  function has(node: string, perHour: number): boolean {
    return perHour === 0 || bucketOf(node, perHour).tokens >= 1
  }

  return { take, has }
}
export type Budget = ReturnType<typeof createBudget>
