import type { DriverKind } from '../../contract/ai.ts'
import type { AgentId, AiCallId, ExecutionId, NodeId } from '../../contract/ids.ts'
import type { NanoUsd } from '../../contract/money.ts'

/** Tokens as the provider reports them; `input` is what stands behind the last cache breakpoint. */
export interface TokenUse {
  readonly input: number
  readonly cacheWrite5m: number
  readonly cacheWrite1h: number
  readonly cacheRead: number
  readonly output: number
  /** Part of `output`. */
  readonly thinking: number
}

export interface CallToPay {
  readonly id: AiCallId
  readonly purpose: 'explanation' | 'question' | 'digest' | 'test'
  readonly executionId: ExecutionId | null
  readonly nodeId: NodeId | null
  readonly agentId: AgentId | null
  readonly driver: DriverKind
  readonly model: string
  readonly mode: 'direct' | 'batch'
  /** Tokens, never too few. */
  readonly inputBound: number
  readonly maxOutput: number
  /** Whether it costs money here: an own model and the plan of Claude Code do not. */
  readonly billing: 'metered' | 'plan' | 'own'
  /** What the request writes to the provider's cache. */
  readonly cacheTtl: 'none' | '5m'
  readonly inputChars: number
}

export type Reservation =
  | { readonly kind: 'reserved' }
  | {
      readonly kind: 'denied'
      readonly limit: 'execution' | 'day' | 'month' | 'agent'
      readonly limitNanoUsd: NanoUsd
      readonly resetsAt: string | null
    }

/** What `ask` needs of the ledger. */
export interface Ledger {
  reserve(call: CallToPay): Promise<Reservation>
  settle(
    id: AiCallId,
    use: TokenUse,
    facts: { requestId: string | null; stopReason: string | null; durationMs: number },
  ): Promise<NanoUsd>
  release(id: AiCallId, why: string): Promise<void>
  hold(id: AiCallId, why: string): Promise<void>
  costOf(
    model: string,
    use: TokenUse,
    mode: 'direct' | 'batch',
    at: Date,
  ): { nanoUsd: NanoUsd; isPriceKnown: boolean }
}
