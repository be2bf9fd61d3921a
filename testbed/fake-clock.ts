import type { Clock } from '../server/lib/clock.ts'

interface Timer {
  readonly dueMs: number
  readonly call: () => void
}

interface FakeClockOptions {
  /** What the wall clock shows at first. */
  startsAt?: Date | string
}

/** Time that only passes when a test says so. Timers fire in order of their time, then of their making. */
export function createFakeClock({ startsAt = '2026-03-01T12:00:00.000Z' }: FakeClockOptions = {}) {
  let wallMs = new Date(startsAt).getTime()
  let passedMs = 0
  const timers = new Set<Timer>()
  const watchers = new Set<() => void>()

  function after(ms: number, call: () => void): () => void {
    const timer = { dueMs: passedMs + Math.max(0, ms), call }
    timers.add(timer)
    for (const watch of watchers) watch()
    return () => void timers.delete(timer)
  }

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error)
      const abort = () => {
        callOff()
        reject(signal?.reason as Error)
      }
      const callOff = after(ms, () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      })
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  /** Lets `ms` pass. What a timer sets in motion, further timers included, happens at its own time on the way. */
  async function advance(ms: number): Promise<void> {
    const untilMs = passedMs + ms
    await settle()
    for (let next = earliest(untilMs); next; next = earliest(untilMs)) {
      pass(next.dueMs - passedMs)
      timers.delete(next)
      next.call()
      await settle()
    }
    pass(untilMs - passedMs)
  }

  function earliest(untilMs: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of timers) {
      if (timer.dueMs <= untilMs && (!first || timer.dueMs < first.dueMs)) first = timer
    }
    return first
  }

  function pass(ms: number): void {
    passedMs += ms
    wallMs += ms
  }

  /** Resolves once at least `count` timers wait: the moment from which `advance` has something to do. */
  function untilWaiting(count = 1): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (timers.size < count) return
        watchers.delete(look)
        resolve()
      }
      watchers.add(look)
      look()
    })
  }

  return {
    now: () => new Date(wallMs),
    monotonicMs: () => passedMs,
    sleep,
    after,
    advance,
    untilWaiting,
    /** Sets the wall clock alone forward or back, as a person or NTP does; nothing falls due by it. */
    jump: (ms: number): void => {
      wallMs += ms
    },
    /** How many timers wait. */
    waiting: (): number => timers.size,
  } satisfies Clock & Record<string, unknown>
}
export type FakeClock = ReturnType<typeof createFakeClock>

/** Two turns of the event loop: promises that wait for each other get on, and whoever wants a timer has set it. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
}
