import type { DriverKind } from '../../../contract/ai.ts'
import type { Billing, CallPurpose, CallState, LimitKind, SavingReason } from '../../../contract/costs.ts'
import type { AgentId, AiCallId, ExecutionId, NodeId } from '../../../contract/ids.ts'
import type { Fixed, Flag, Instant, Json } from './columns.ts'

/** What models have cost, and may. */
export interface CostTables {
  /** One payment to a model; see `callState` for its life. Amounts are billionths of a US dollar. */
  ai_call: {
    id: Fixed<AiCallId>
    created_at: Fixed<Instant>
    /** Of the calendar in the zone of the budgets when it was made. */
    day: Fixed<string>
    purpose: Fixed<CallPurpose>
    execution_id: Fixed<ExecutionId | null>
    node_id: Fixed<NodeId | null>
    agent_id: Fixed<AgentId | null>
    driver: Fixed<DriverKind>
    model: Fixed<string>
    mode: Fixed<'direct' | 'batch'>
    billing: Fixed<Billing>
    state: CallState
    /** Source, model and day of the price it was charged at. */
    price_row: string
    is_price_known: Flag
    input_bound: Fixed<number>
    max_output: Fixed<number>
    cache_ttl: Fixed<'none' | '5m' | '1h'>
    input_chars: Fixed<number | null>
    prompt_version: Fixed<string | null>
    reserved_nano_usd: number
    /** What counts against the limits. */
    charged_nano_usd: number
    list_nano_usd: number | null
    input: number | null
    cache_write_5m: number | null
    cache_write_1h: number | null
    cache_read: number | null
    output: number | null
    thinking: number | null
    request_id: string | null
    stop_reason: string | null
    duration_ms: number | null
    why: string | null
    expires_at: Fixed<Instant>
  }
  /** Sums of `ai_call`, kept by triggers: nobody writes here. `agent_id` is empty for calls of no agent. */
  ai_spend: {
    day: Fixed<string>
    agent_id: Fixed<string>
    charged_nano_usd: Fixed<number>
    held_nano_usd: Fixed<number>
  }
  /** Limits that somebody set; a row with null sets none, no row leaves the default. */
  budget: {
    limit_kind: Fixed<LimitKind>
    agent_id: Fixed<string>
    limit_nano_usd: number | null
  }
  /** Shares of limits that people have heard of, by day or month. */
  budget_notice: {
    limit_kind: Fixed<LimitKind>
    agent_id: Fixed<string>
    period: Fixed<string>
    percent: Fixed<number>
  }
  price_override: {
    model: Fixed<string>
    effective_from: Fixed<string>
    tiers: Json
    batch_percent: number
    as_of: string
  }
  /** Runs that asked no model or paid less, with what a call would likely have cost. */
  ai_saving: {
    day: Fixed<string>
    agent_id: Fixed<string>
    reason: Fixed<SavingReason>
    runs: number
    saved_nano_usd: number
  }
}
