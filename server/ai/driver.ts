import type { DriverKind, ReadinessStep } from '../../contract/ai.ts'
import type { AiCallId } from '../../contract/ids.ts'
import type { RateRoom } from './room.ts'
import type { TokenUse } from './to-pay.ts'

/** What a model is asked. Text from a node is in `untrusted` and nowhere else. */
export interface Prompt {
  /** Policy and instructions; the part that many calls share. */
  readonly system: string
  /** Carried as data only. */
  readonly untrusted: Record<string, unknown>
  /** What is asked about it, after the data. */
  readonly question: string
  /** JSON Schema of the answer. */
  readonly schema: Record<string, unknown>
  /** Tokens. */
  readonly maxOutput: number
}

export type FailureReason =
  | 'rate-limited'
  | 'overloaded'
  | 'spend-limit'
  | 'out-of-credit'
  | 'wrong-key'
  | 'no-such-model'
  | 'bad-request'
  | 'offline'
  | 'timed-out'
  | 'aborted'

/** How one attempt went. `detail` is in our own words: what the other side said is hostile until proven otherwise. */
export type DriverResult =
  | {
      readonly kind: 'answer'
      readonly json: unknown
      readonly use: TokenUse
      readonly requestId: string | null
      readonly stopReason: string
      readonly model: string
    }
  | {
      readonly kind: 'refused' | 'cut-off' | 'malformed'
      /** Billed as it says; null when nobody knows. */
      readonly use: TokenUse | null
      readonly requestId: string | null
      readonly stopReason: string | null
      readonly detail: string
    }
  | {
      readonly kind: 'failed'
      readonly reason: FailureReason
      readonly wasBilled: 'no' | 'unknown'
      readonly retryAfterMs: number | null
      readonly detail: string
    }

/** Hears exactly what goes out and comes back, without headers, for the record of the call. */
export interface Keeper {
  sent(text: string): Promise<void>
  received(text: string): void
}

export interface RunOptions {
  readonly model: string
  readonly effort: 'low' | 'medium'
  readonly signal: AbortSignal
  /** Others with the same `system` follow within minutes. */
  readonly cachesPrefix?: boolean
  readonly keep?: Keeper
  /** Hears what a reply says about rate limits, where the other side says so. */
  readonly onRoom?: (room: RateRoom) => void
}

export interface BatchEntry {
  readonly id: AiCallId
  readonly prompt: Prompt
}
export type BatchResult =
  | DriverResult
  /** Not done and not billed. */
  | { readonly kind: 'expired' }
  | { readonly kind: 'cancelled' }

/** One way to ask a model. Every driver passes `testbed/driver-conformance.ts`. */
export interface Driver {
  readonly kind: DriverKind
  /** An answer that does not fit may be asked for once more. */
  readonly mayRepair: boolean
  /** Tokens that a prompt takes, never too few. */
  inputBound(prompt: Prompt): number
  /** Asks once and retries nothing. Rejects only for bugs. */
  run(prompt: Prompt, options: RunOptions): Promise<DriverResult>
  /** Looks without paying whether a model could be asked. */
  check(model: string, signal: AbortSignal): Promise<ReadinessStep[]>
  /** Hands in work that may take hours, at half the price. Resolves with the provider's name of it, or why not. */
  submitBatch?(
    entries: readonly BatchEntry[],
    options: Omit<RunOptions, 'keep'>,
  ): Promise<{ readonly kind: 'submitted'; readonly batchId: string } | (DriverResult & { kind: 'failed' })>
  pollBatch?(batchId: string, signal: AbortSignal): Promise<'working' | 'ended' | 'gone'>
  /** In any order. */
  fetchBatch?(batchId: string, signal: AbortSignal): Promise<ReadonlyMap<string, BatchResult>>
  cancelBatch?(batchId: string, signal: AbortSignal): Promise<void>
}

/** The one way out by HTTP, as `server/outgoing/` opens it for models. */
export type ModelFetch = (
  address: string | URL,
  init?: {
    readonly method?: string | undefined
    readonly headers?: RequestInit['headers']
    readonly body?: RequestInit['body']
    readonly signal?: AbortSignal | null | undefined
  },
) => Promise<Response>
