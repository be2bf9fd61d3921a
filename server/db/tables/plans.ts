import type { ActionType } from '../../../contract/actions.ts'
import type { AgentId, ApprovalId, ExecutionId, NodeId, PlanId, RejectionId } from '../../../contract/ids.ts'
import type { Fixed, Instant, Json } from './columns.ts'

/** What agents propose to change. */
export interface PlanTables {
  plan: {
    id: Fixed<PlanId>
    execution_id: Fixed<ExecutionId>
    node_id: Fixed<NodeId>
    agent_id: Fixed<AgentId>
    agent_version: Fixed<string>
    bundle_sha256: Fixed<string>
    host_key: Fixed<string>
    created_at: Fixed<Instant>
    expires_at: Fixed<Instant>
    /** The plan that took its place. */
    superseded_by: ExecutionId | null
  }
  plan_action: {
    plan_id: Fixed<PlanId>
    aid: Fixed<string>
    position: Fixed<number>
    node_id: Fixed<NodeId>
    object: Fixed<string>
    /** An `ActionOrder`. */
    body: Fixed<Json>
    title: Fixed<string>
    why: Fixed<string>
    finding_key: Fixed<string | null>
    bytes_min: Fixed<number | null>
    bytes_max: Fixed<number | null>
    /** Unix seconds by the node's clock. */
    read_at: Fixed<number>
    state: 'waiting' | 'second-person' | 'approved' | 'rejected' | 'held' | 'superseded' | 'settled'
    approval_id: ApprovalId | null
    decided_by: string | null
    decided_at: Instant | null
    outcome: Json | null
    /** Why it is `rejected` or `held`; one that is gone by now was taken back or has run out. */
    rejection_id: RejectionId | null
  }
  rejection: {
    id: Fixed<RejectionId>
    node_id: Fixed<NodeId>
    agent_id: Fixed<AgentId>
    /** What tells that a change is the same one. */
    change_key: Fixed<string>
    type: Fixed<ActionType>
    object: Fixed<string>
    title: Fixed<string>
    by: Fixed<string>
    why: Fixed<string>
    at: Fixed<Instant>
    until: Fixed<Instant | null>
  }
}
