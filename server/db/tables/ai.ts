import type { Depth } from '../../../contract/ai.ts'
import type { AskReason } from '../../../contract/explanations.ts'
import type { AgentId, AiCallId, ExecutionId, NodeId, QuestionId } from '../../../contract/ids.ts'
import type { Fixed, Instant, Json } from './columns.ts'

/** How models are asked, and what they said. */
export interface AiTables {
  /** How models are asked; one row. */
  ai_setup: { name: Fixed<string>; value: Json; updated_at: Instant }
  ai_key: {
    /** The driver it is for. */
    id: Fixed<'anthropic' | 'openai-compatible'>
    /** Sealed. */
    secret: Buffer
    /** The only address it is sent to. */
    base_url: string
    set_at: Instant
  }
  ai_exchange: {
    id: Fixed<AiCallId>
    at: Fixed<Instant>
    ended_at: Instant | null
    purpose: Fixed<'explanation' | 'question' | 'digest' | 'test'>
    driver: Fixed<'none' | 'anthropic' | 'openai-compatible' | 'claude-code'>
    model: Fixed<string>
    mode: Fixed<'direct' | 'batch'>
    execution_id: Fixed<ExecutionId | null>
    node_id: Fixed<NodeId | null>
    agent_id: Fixed<AgentId | null>
    request: string
    answer: string | null
    outcome: string | null
  }
  explanation: {
    execution_id: Fixed<ExecutionId>
    node_id: Fixed<NodeId>
    agent_id: Fixed<AgentId>
    state: 'not-asked' | 'asking' | 'failed' | 'explained'
    reason: AskReason | null
    detail: string | null
    resets_at: Instant | null
    /** What the model said and stood, as the contract shapes it. */
    body: Json | null
    depth: Depth
    model: string | null
    cost_nano_usd: number | null
    call_id: AiCallId | null
    answered_at: Instant | null
    /** What the words are kept under; null when they were not made for reuse. */
    cache_key: string | null
    reused_from: ExecutionId | null
    similarity: number | null
  }
  /** What later runs of the same agent on the same node are compared with. */
  run_snapshot: {
    execution_id: Fixed<ExecutionId>
    node_id: Fixed<NodeId>
    agent_id: Fixed<AgentId>
    body: Fixed<Json>
  }
  question: {
    id: Fixed<QuestionId>
    execution_id: Fixed<ExecutionId>
    at: Fixed<Instant>
    asked_by: Fixed<string>
    text: Fixed<string>
    depth: Fixed<Depth>
    state: 'asking' | 'answered' | 'failed' | 'not-asked'
    detail: string | null
    resets_at: Instant | null
    body: Json | null
    model: string | null
    cost_nano_usd: number | null
    call_id: AiCallId | null
  }
  ai_batch: {
    /** As the provider calls it. */
    id: Fixed<string>
    submitted_at: Fixed<Instant>
    /** When its work is wanted at the latest. */
    due_at: Fixed<Instant>
    next_poll_at: Instant
    polls: number
    state: 'waiting' | 'cancelling'
  }
  ai_batch_item: {
    id: Fixed<AiCallId>
    /** Null before the provider has taken it. */
    batch_id: string | null
    topic: Fixed<string>
    due_at: Fixed<Instant>
    /** What was asked, to ask it again. */
    wanted: Fixed<Json>
  }
}
