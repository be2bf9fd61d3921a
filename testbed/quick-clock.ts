import { setTimeout as sleepFor } from 'node:timers/promises'
import type { Clock } from '../server/lib/clock.ts'

/**
 * A clock whose seconds are shorter than real ones, for tests that must sit out a time limit of ours beside a real node,
 * whose own clock cannot be moved. Wall time stays real.
 */
export function createQuickClock(times: number): Clock {
  return {
    now: () => new Date(),
    monotonicMs: () => performance.now() * times,
    sleep: async (ms, signal) => {
      await sleepFor(ms / times, undefined, signal ? { signal } : {}).catch((error: unknown) => {
        throw signal?.aborted ? signal.reason : error
      })
    },
    after: (ms, call) => {
      const timer = setTimeout(call, ms / times)
      timer.unref()
      return () => clearTimeout(timer)
    },
  }
}
