import * as z from 'zod'
import { actionOrder, type ActionOrder } from './actions.ts'

/**
 * What an agent says, one message per line, inside the frames of the supervisor that carries it. Everything in it
 * is a node's word: data, never a command. Version 1.
 */
export const severity = z.enum(['critical', 'high', 'warning', 'info'])
export type Severity = z.infer<typeof severity>

export const confidence = z.enum(['certain', 'likely', 'high', 'medium', 'low'])

const text = (max: number) => z.string().max(max)

export const agentFinding = z.object({
  /** The rule, e.g. `disk.full`. */
  id: text(100),
  severity,
  /** What it is about, e.g. `/var`. */
  subject: text(300),
  /** `id:subject`: the same problem keeps its key from run to run. */
  key: text(400),
  title: text(300),
  /** The numbers and texts that were compared; at most 8 KiB. */
  evidence: z.record(z.string(), z.unknown()),
  fix: text(1_000).nullable(),
  confidence,
})
export type AgentFinding = z.infer<typeof agentFinding>

export const gap = z.object({
  /** The section that could not be seen whole, e.g. `auth`. */
  what: text(200),
  why: text(400),
  /** What would allow it, in one sentence. */
  remedy: text(400).nullable().default(null),
})
export type Gap = z.infer<typeof gap>

/** Names an action within its plan; the same change of the same object has the same name in the next plan. */
export const actionName = z.string().regex(/^[a-z0-9][a-z0-9.:-]{0,99}$/, 'A plain name')

const bytes = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

/** A change that an agent proposes. Nothing has happened yet, and nothing will unless a person approves it. */
export const proposedAction = z.strictObject({
  aid: actionName,
  order: actionOrder,
  /** What would happen, in one line. */
  title: text(300).min(1),
  why: text(600),
  /** Key of the finding that it would settle. */
  findingKey: text(400).nullable(),
  /** What it frees, at least and at most; null where it is not about room. */
  bytesMin: bytes.nullable(),
  bytesMax: bytes.nullable(),
  /** When the object was read, Unix seconds by the node's clock. */
  readAt: z.number().min(0).max(1e11),
})
export type ProposedAction = z.infer<typeof proposedAction>

/** Why the node did not do what was approved. */
export const skipReason = z.enum(['gone', 'changed', 'in-use', 'protected', 'no-room', 'not-possible'])
export type SkipReason = z.infer<typeof skipReason>

/** What became of one approved action on the node. `started` is said before it is touched, all others after. */
export const actionReport = z.strictObject({
  aid: actionName,
  state: z.enum(['started', 'done', 'would-run', 'skipped', 'failed', 'unknown']),
  reason: skipReason.nullable(),
  why: text(600).nullable(),
  bytesFreed: bytes.nullable(),
  /** How it can be taken back: an action of the kind that undoes this one. */
  undo: z
    .strictObject({
      order: actionOrder,
      /** Room that the thing set aside takes, bytes. */
      bytes,
      keepDays: z.number().int().min(1).max(90).nullable(),
    })
    .nullable(),
})
export type ActionReport = z.infer<typeof actionReport>

export const agentMessage = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('progress'),
    step: text(100),
    state: z.enum(['start', 'ok', 'error']),
    ms: z.number().optional(),
    done: z.number().optional(),
    total: z.number().optional(),
  }),
  z.object({ kind: z.literal('log'), level: z.enum(['debug', 'info', 'warn', 'error']), msg: text(4_000) }),
  /** A command the agent ran through its kit: the audit trail. Secrets are replaced already. */
  z.object({
    kind: z.literal('exec'),
    argv: z.array(z.string()).max(200),
    rc: z.number().nullable(),
    ms: z.number(),
    out: z.number().default(0),
    err: z.number().default(0),
    note: text(100).nullable().default(null),
  }),
  /** A command seen by the interpreter's audit hook, also from code that avoids the kit. */
  z.object({
    kind: z.literal('cmd'),
    via: text(60),
    argv: z.array(z.string()).max(200),
    cwd: z.string().nullable().default(null),
  }),
  z.object({ kind: z.literal('denied'), argv: z.array(z.string()).max(200) }),
  z.object({
    kind: z.literal('metric'),
    name: text(100),
    value: z.number(),
    unit: text(20),
    labels: z.record(z.string(), z.string()).default({}),
  }),
  z.object({ kind: z.literal('finding'), finding: agentFinding }),
  z.object({ kind: z.literal('data'), schema: text(100), data: z.record(z.string(), z.unknown()) }),
  /** Samples the agent wants back next time, by key of its manifest's `history`. */
  z.object({ kind: z.literal('history'), key: text(60), value: z.unknown() }),
  z.object({
    kind: z.literal('artifact'),
    name: text(200),
    mediaType: text(100),
    base64: z.string().max(400_000),
  }),
  z.strictObject({ kind: z.literal('action'), action: proposedAction }),
  z.strictObject({ kind: z.literal('action_result'), result: actionReport }),
  /** What all changes of a run together freed, measured; it may be less than the parts say. */
  z.strictObject({ kind: z.literal('measured'), bytesFreed: z.number().int() }),
  z.object({
    kind: z.literal('result'),
    status: z.enum(['ok', 'partial', 'timeout', 'cancelled', 'error']),
    reason: text(400).nullable().default(null),
    gaps: z.array(gap).max(200).default([]),
    /** How many messages of a kind the agent's own limits kept back. */
    dropped: z.record(z.string(), z.number()).default({}),
    ms: z.number().default(0),
    maxRssKib: z.number().default(0),
  }),
])
export type AgentMessage = z.infer<typeof agentMessage>

/** What travels to the agent as its configuration. */
export interface AgentConfig {
  readonly run: {
    readonly id: string
    readonly mode: 'report' | 'plan' | 'apply'
    readonly dryRun: boolean
    readonly timeoutS: number
    /** The server's clock, Unix seconds, to judge the node's. */
    readonly sentAt: number
    readonly elevation: 'none' | 'commands' | 'root'
  }
  readonly node: { readonly id: string; readonly name: string }
  /** In mode `apply`: what was approved. The text is hashed as it stands, then read as an `ApprovedPlan`. */
  readonly approval?: { readonly text: string; readonly sha256: string }
  readonly options: Record<string, unknown>
  /** Past samples by key, oldest first: `[unix seconds, value]`; at most 256 KiB together. */
  readonly history: Record<string, (readonly [number, unknown])[]>
  readonly secrets: Record<string, string>
}

/** One approved action as it travels back to the node. */
export interface ApprovedAction {
  readonly aid: string
  readonly order: ActionOrder
  readonly readAt: number
  /** The name that whoever approved it typed; null where none was asked for. */
  readonly confirmedName: string | null
}

/** What one approval binds together. Its hash covers all of it; on the node the kit compares each part again. */
export interface ApprovedPlan {
  readonly v: 1
  readonly approvalId: string
  readonly nodeId: string
  /** The host key of the node, `SHA256:…`. */
  readonly hostKey: string
  readonly agentId: string
  readonly bundleSha256: string
  /** Only looked at again: such an approval takes no decision, so nothing may be changed by it. */
  readonly dryRun: boolean
  /** Unix seconds by the server's clock; after it nothing is begun. */
  readonly expiresAt: number
  readonly actions: readonly ApprovedAction[]
}

/** Limits that the supervisor enforces on the node and the server enforces again. */
export const protocolLimits = {
  /** Bytes kept of each output stream from its start and its end. */
  headBytes: 262_144,
  tailBytes: 262_144,
  messageBytes: 4 * 1_048_576,
  messages: 20_000,
} as const
