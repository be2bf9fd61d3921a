import type { ActionType } from '../../../contract/actions.ts'
import type {
  AgentId,
  ApprovalId,
  ExecutionId,
  NodeId,
  PlanId,
  PolicyId,
  TrashId,
} from '../../../contract/ids.ts'
import type { Fixed, Flag, Instant, Json } from './columns.ts'

/** What was approved, and what can be brought back. */
export interface ApprovalTables {
  approval: {
    id: Fixed<ApprovalId>
    kind: Fixed<'plan' | 'undo'>
    /** Null for an undo. */
    plan_id: Fixed<PlanId | null>
    trash_id: Fixed<TrashId | null>
    node_id: Fixed<NodeId>
    agent_id: Fixed<AgentId>
    bundle_sha256: Fixed<string>
    host_key: Fixed<string>
    /** What travels, to the letter, and its SHA-256. */
    body: string
    sha256: string
    approved_by: Fixed<string>
    approved_at: Fixed<Instant>
    second_by: string | null
    second_at: Instant | null
    state: 'second-person' | 'running' | 'settled' | 'withdrawn'
    dry_run: Fixed<Flag>
    expires_at: Instant
    execution_id: ExecutionId | null
    bytes_freed: number | null
  }
  trash: {
    id: Fixed<TrashId>
    node_id: Fixed<NodeId>
    agent_id: Fixed<AgentId>
    /** The execution that set it aside. */
    execution_id: Fixed<ExecutionId>
    aid: Fixed<string>
    type: Fixed<ActionType>
    object: Fixed<string>
    title: Fixed<string>
    /** The `ActionOrder` that brings it back. */
    body: Fixed<Json>
    bytes: Fixed<number>
    removed_at: Fixed<Instant>
    removed_by: Fixed<string>
    until: Fixed<Instant | null>
    state: 'kept' | 'restoring' | 'restored' | 'gone'
  }
  approval_policy: {
    id: Fixed<PolicyId>
    type: Fixed<ActionType>
    targets: Fixed<Json>
    max_bytes: Fixed<number>
    created_by: Fixed<string>
    created_at: Fixed<Instant>
  }
}
