import type { BatchId, FiringId, TriggerId } from '../../../contract/ids.ts'
import type { FiringReason, FiringState } from '../../../contract/triggers.ts'
import type { Fixed, Flag, Instant, Json } from './columns.ts'

/** What runs when something happens. */
export interface TriggerTables {
  trigger: {
    id: Fixed<TriggerId>
    name: string
    spec: Json
    paused: Flag
    /** SHA-256 of the secret part of the address that is called; null for what is not called. */
    hook_hash: string | null
    /** Sealed: the key that calls are signed with. */
    hook_secret: Buffer | null
    /** What happened last that did not quite fit. */
    near_miss: Json | null
    created_by: Fixed<string>
    created_at: Fixed<Instant>
    updated_at: Instant
  }
  /** What came of each occasion that a trigger is for. */
  firing: {
    id: Fixed<FiringId>
    trigger_id: Fixed<TriggerId>
    occasion_id: Fixed<string>
    at: Fixed<Instant>
    state: Fixed<FiringState>
    reason: Fixed<FiringReason | null>
    detail: Fixed<string | null>
    cause: Fixed<Json>
    /** What the cool-down is counted for: a node, or nothing for the trigger as a whole. */
    scope: Fixed<string>
    /** The triggers that led here, oldest first. */
    path: Fixed<Json>
    /** Of what it started. Batches go with their executions after a time, so nothing refers to this. */
    batch_id: Fixed<BatchId | null>
  }
  hook_call: {
    trigger_id: Fixed<TriggerId>
    key: Fixed<string>
    at: Fixed<Instant>
  }
}
