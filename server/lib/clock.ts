import { setTimeout as sleepFor } from 'node:timers/promises'

/** Time, handed in. Wall time is for people and records; monotonic time is for limits and leases. */
export interface Clock {
  now(): Date
  /** Milliseconds that only ever grow, whatever happens to the wall clock. */
  monotonicMs(): number
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls back once after `ms`; the returned function calls it off. Never keeps the process alive. */
  after(ms: number, call: () => void): () => void
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleepFor(ms, undefined, signal ? { signal } : {}).catch((error: unknown) => {
      throw signal?.aborted ? signal.reason : error
    })
  },
  after: (ms, call) => {
    const timer = setTimeout(call, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
