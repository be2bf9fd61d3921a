import type { ScheduleStanding, SettledOccurrence } from '../../contract/schedules.ts'
import type { StoredSchedule } from './store.ts'

/** A run that waits for longer for the one before is overdue, milliseconds. */
export const overdueMs = 3_600_000

/** How a schedule stands, by the newest of its occurrences. */
export function standingOf(
  { paused, nextAt }: Pick<StoredSchedule, 'paused' | 'nextAt'>,
  last: SettledOccurrence | null,
  now: number,
): ScheduleStanding {
  if (paused) return 'paused'
  if (last?.state === 'missed') return 'overdue'
  if (last?.state === 'waiting' && now - Date.parse(last.dueAt) > overdueMs) return 'overdue'
  return nextAt === null ? 'ended' : 'ok'
}
