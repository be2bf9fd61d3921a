import type { BatchId, ScheduleId } from '../../../contract/ids.ts'
import type { OccurrenceReason, OccurrenceState } from '../../../contract/schedules.ts'
import type { Fixed, Flag, Instant, Json } from './columns.ts'

/** What runs by itself, and when. */
export interface ScheduleTables {
  /** What runs by itself, and when. */
  schedule: {
    id: Fixed<ScheduleId>
    name: string
    spec: Json
    /** Sealed: who is told of what, as a document said it. Such addresses are secrets of their own. */
    notifications: Buffer | null
    /** Sealed: the document it came from, as it was written; null once it was changed elsewhere. */
    source: Buffer | null
    paused: Flag
    /** The next occurrence that is not recorded yet; null when there is none, or it is paused. */
    next_at: Instant | null
    next_due_at: Instant | null
    /** Counts changes, so that a firing that began before one does nothing. */
    revision: number
    created_by: Fixed<string>
    created_at: Fixed<Instant>
    updated_at: Instant
  }
  /** One row for each time that a schedule should run, whatever became of it. */
  occurrence: {
    schedule_id: Fixed<ScheduleId>
    at: Fixed<Instant>
    due_at: Fixed<Instant>
    state: OccurrenceState
    reason: OccurrenceReason | null
    detail: string | null
    /** More than one where a row stands for many that are long gone. */
    count: Fixed<number>
    settled_at: Instant | null
    /** Of what it started. Batches go with their executions after a time, so nothing refers to this. */
    batch_id: BatchId | null
  }
}
