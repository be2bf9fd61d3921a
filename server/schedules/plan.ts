import type { ScheduleId } from '../../contract/ids.ts'
import { type Occurrence, occurrencesFrom, type Plan } from '../../contract/occurrences.ts'
import type { ComingOccurrence, ScheduleSpec } from '../../contract/schedules.ts'
import { toWallText } from '../../contract/zone-clock.ts'

/** Of what is due at once, at most so many are recorded one by one; what is older stands in one row. */
export const mostRecorded = 1_000

export const planOf = (
  spec: Pick<ScheduleSpec, 'timing' | 'zone' | 'jitterS' | 'blackouts'>,
  id: ScheduleId | '',
): Plan => ({
  timing: spec.timing,
  zone: spec.zone,
  jitterS: spec.jitterS,
  blackouts: spec.blackouts,
  key: id,
})

export interface Due {
  /** Oldest first; the newest `mostRecorded` of them. */
  readonly occurrences: readonly Occurrence[]
  /** Those before: the first of them, and how many there are. */
  readonly before: { readonly first: Occurrence; readonly count: number } | null
  /** The first that is not due yet; null when there is none. */
  readonly next: Occurrence | null
}

/** What should have started by now, from an occurrence on, and what comes then. */
export function dueBy(plan: Plan, from: number, now: number): Due {
  let occurrences: Occurrence[] = []
  let before: Due['before'] = null
  let next: Occurrence | null = null
  for (const occurrence of occurrencesFrom(plan, from)) {
    if (occurrence.dueAt > now) {
      next = occurrence
      break
    }
    occurrences.push(occurrence)
    if (occurrences.length >= 2 * mostRecorded) cut()
  }
  if (occurrences.length > mostRecorded) cut()
  return { occurrences, before, next }

  function cut(): void {
    const [first] = occurrences
    const count = occurrences.length - mostRecorded
    if (first) before = { first: before?.first ?? first, count: (before?.count ?? 0) + count }
    occurrences = occurrences.slice(-mostRecorded)
  }
}

/** The first occurrence from an instant on; null when there is none. */
export function firstFrom(plan: Plan, from: number): Occurrence | null {
  for (const occurrence of occurrencesFrom(plan, from)) return occurrence
  return null
}

export const toIso = (at: number): string => new Date(at).toISOString()

/** An occurrence as people see it. */
export const toComing = ({ at, dueAt, wall, shift, isBlackedOut }: Occurrence): ComingOccurrence => ({
  at: toIso(at),
  dueAt: toIso(dueAt),
  wall: toWallText(wall),
  shift,
  isBlackedOut,
})
