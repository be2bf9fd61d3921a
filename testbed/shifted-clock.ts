import { type Clock, systemClock } from '../server/lib/clock.ts'

/** The real clock with a wall that a test can set forward: for what is days away, while SSH runs at its own speed. */
export function createShiftedClock() {
  let aheadMs = 0
  return {
    ...systemClock,
    now: () => new Date(Date.now() + aheadMs),
    shift: (ms: number): void => {
      aheadMs += ms
    },
  } satisfies Clock & Record<string, unknown>
}
export type ShiftedClock = ReturnType<typeof createShiftedClock>
