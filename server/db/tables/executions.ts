import type { ColumnType, Generated } from 'kysely'
import type { AgentId, ApprovalId, BatchId, ExecutionId, NodeId } from '../../../contract/ids.ts'
import type { Fixed, Flag, Instant, Json } from './columns.ts'

/** What was run, and the steps taken for it. */
export interface ExecutionTables {
  batch: {
    id: Fixed<BatchId>
    agent_id: Fixed<AgentId>
    started_by: Fixed<string>
    created_at: Fixed<Instant>
  }
  execution: {
    id: Fixed<ExecutionId>
    batch_id: Fixed<BatchId | null>
    agent_id: Fixed<AgentId>
    agent_version: string
    bundle_sha256: string
    node_id: Fixed<NodeId>
    state: string
    /** 1 while the state is not final; small and indexed, so that the queue never reads history. */
    active: Flag
    mode: ColumnType<'report' | 'plan' | 'apply', 'report' | 'plan' | 'apply' | undefined, never>
    approval_id: Fixed<ApprovalId | null>
    dry_run: Flag
    options: Json
    timeout_s: number
    started_by: Fixed<string>
    queued_at: Fixed<Instant>
    /** Not before this instant; null for at once. */
    not_before: Instant | null
    waiting_for: string | null
    started_at: Instant | null
    finished_at: Instant | null
    outcome: Json | null
    log_lines: number
    verdict: string | null
    finding_counts: Json | null
    /** Counts claims; every write of a runner names the fence it holds, so a stale one changes nothing. */
    fence: Generated<number>
    /** Who asked to stop it, or null. */
    cancel_requested_by: string | null
    /** How to find the run again on the node after a restart. */
    reattach: Json | null
  }
  journal: {
    execution_id: Fixed<ExecutionId>
    seq: Fixed<number>
    at: Fixed<Instant>
    step: Fixed<string>
    detail: Fixed<Json>
  }
}
