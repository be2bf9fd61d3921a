import type { OccurrenceReason, ScheduleSpec } from '../../contract/schedules.ts'

/** What starts later than this after its time is late, milliseconds. */
export const punctualMs = 60_000
/** A server that is busy, or was just restarted, has missed nothing yet, milliseconds. */
export const graceMs = 5 * 60_000
const hourMs = 3_600_000

export interface DueOccurrence {
  readonly at: number
  readonly dueAt: number
  readonly isBlackedOut: boolean
}

export interface Situation {
  readonly now: number
  /** What should have started by now, oldest first. */
  readonly due: readonly DueOccurrence[]
  readonly spec: Pick<ScheduleSpec, 'catchUp' | 'overlap'>
  /** The run before has not ended. */
  readonly isActive: boolean
  /** Occurrences that wait for it. */
  readonly waiting: number
  readonly isBlackedOutNow: boolean
}

export type Verdict =
  | { readonly kind: 'start'; readonly isLate: boolean; readonly reason: OccurrenceReason | null }
  | { readonly kind: 'wait' }
  | {
      readonly kind: 'settle'
      readonly state: 'skipped' | 'merged' | 'missed'
      readonly reason: OccurrenceReason
    }

const settle = (state: 'skipped' | 'merged' | 'missed', reason: OccurrenceReason): Verdict => ({
  kind: 'settle',
  state,
  reason,
})

/**
 * Says of each occurrence that is due what becomes of it. What lies in a blackout is skipped. Of what is older than the
 * grace, the policy says whether it is made up for; of several that are, one run does for all unless each was asked for.
 * Then it is a matter of the run before.
 */
export function decide(situation: Situation): Map<DueOccurrence, Verdict> {
  const { now, due, spec } = situation
  const { policy, withinHours, most } = spec.catchUp
  const verdicts = new Map<DueOccurrence, Verdict>()
  const wanted: DueOccurrence[] = []
  for (const occurrence of due) {
    const lateMs = now - occurrence.dueAt
    if (occurrence.isBlackedOut) verdicts.set(occurrence, settle('skipped', 'blackout'))
    else if (lateMs <= graceMs) wanted.push(occurrence)
    else if (policy === 'skip') verdicts.set(occurrence, settle('missed', 'server-off'))
    else if (lateMs > withinHours * hourMs) verdicts.set(occurrence, settle('missed', 'too-old'))
    else wanted.push(occurrence)
  }
  const keeps = policy === 'all' ? most : 1
  const starting = wanted.slice(-keeps)
  for (const occurrence of wanted.slice(0, -keeps)) {
    verdicts.set(
      occurrence,
      policy === 'all' ? settle('missed', 'too-many') : settle('merged', 'made-up-for'),
    )
  }
  judgeOverlap(situation, starting, verdicts)
  return verdicts
}

function judgeOverlap(
  { now, spec, isActive, waiting, isBlackedOutNow }: Situation,
  starting: readonly DueOccurrence[],
  verdicts: Map<DueOccurrence, Verdict>,
): void {
  // Several that are made up for come one after another, whatever is said of two at a time.
  const rule = starting.length > 1 && spec.overlap === 'skip' ? 'queue' : spec.overlap
  let isBusy = isActive || waiting > 0
  for (const occurrence of starting) {
    const isLate = now - occurrence.dueAt > punctualMs
    if (isBlackedOutNow) verdicts.set(occurrence, settle('skipped', 'blackout'))
    else if (!isBusy || rule === 'parallel') {
      const reason = now - occurrence.dueAt > graceMs ? 'server-off' : null
      verdicts.set(occurrence, { kind: 'start', isLate, reason })
      isBusy = true
    } else if (rule === 'skip') verdicts.set(occurrence, settle('skipped', 'overlap'))
    // One that waits does for all that come behind it: a run that takes longer than its interval piles nothing up.
    else if (starting.length === 1 && waiting > 0) {
      verdicts.set(occurrence, settle('merged', 'behind-waiting'))
    } else verdicts.set(occurrence, { kind: 'wait' })
  }
}
