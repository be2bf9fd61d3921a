import type { AgentId, ExecutionId, NodeId } from '../../../contract/ids.ts'
import type { Fixed, Instant, Json } from './columns.ts'

/** What agents reported, and its points over time. */
export interface ReportTables {
  report: {
    execution_id: Fixed<ExecutionId>
    node_id: Fixed<NodeId>
    agent_id: Fixed<AgentId>
    created_at: Fixed<Instant>
    /** The report as the contract shapes it, without what other tables hold. */
    body: Json
  }
  finding: {
    node_id: Fixed<NodeId>
    agent_id: Fixed<AgentId>
    key: Fixed<string>
    rule: string
    severity: 'critical' | 'high' | 'warning' | 'info'
    /** 0 critical … 3 info: the order people want. */
    severity_rank: number
    subject: string
    title: string
    evidence: Json
    fix: string | null
    confidence: string
    state: 'new' | 'known' | 'worse' | 'better' | 'resolved'
    first_seen_at: Instant
    last_seen_at: Instant
    resolved_at: Instant | null
    /** Clean runs in a row without it; two resolve it. */
    absent_runs: number
    acknowledged_at: Instant | null
    acknowledged_by: string | null
    execution_id: ExecutionId
  }
  /** Values an agent asked to have back, by key; and metrics under their own names. */
  sample: {
    node_id: Fixed<NodeId>
    agent_id: Fixed<AgentId>
    key: Fixed<string>
    at: Fixed<Instant>
    value: Fixed<Json>
  }
  metric: {
    node_id: Fixed<NodeId>
    name: Fixed<string>
    /** Canonical JSON of the labels, `{}` for none. */
    labels: Fixed<Json>
    at: Fixed<Instant>
    value: Fixed<number>
    unit: Fixed<string>
  }
}
