import * as z from 'zod'

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
  readonly options: Record<string, unknown>
  /** Past samples by key, oldest first: `[unix seconds, value]`; at most 256 KiB together. */
  readonly history: Record<string, (readonly [number, unknown])[]>
  readonly secrets: Record<string, string>
}

/** Limits that the supervisor enforces on the node and the server enforces again. */
export const protocolLimits = {
  /** Bytes kept of each output stream from its start and its end. */
  headBytes: 262_144,
  tailBytes: 262_144,
  messageBytes: 4 * 1_048_576,
  messages: 20_000,
} as const
