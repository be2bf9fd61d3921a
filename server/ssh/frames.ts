import * as z from 'zod'

/**
 * What the supervisor on the node says, one JSON object per line behind a record separator and the nonce of this
 * launch. `q` numbers them from 1 without holes and stays with the run, over re-attachments too; remarks about the
 * connection (`hb`, `lost`) have number 0. `ms` is counted from the start of the supervisor.
 */
const common = { q: z.number().int().min(0), ms: z.number().min(0) }

export const frame = z.discriminatedUnion('t', [
  z.object({
    ...common,
    t: z.literal('hello'),
    v: z.literal(1),
    pid: z.number(),
    /** Interpreter: version and path. */
    py: z.string().max(40),
    exe: z.string().max(400),
    uid: z.number(),
    sys: z.string().max(40),
    /** `Linux 6.1 x86_64` and the id and version of the distribution. */
    os: z.string().max(200).default(''),
    /** Whether orphans come back to the supervisor (Linux). */
    sub: z.boolean(),
    /** Folder of a resumable run; null when it is not one, or no folder could be written. */
    dir: z.string().max(400).nullable().default(null),
    /** The node's clock, Unix seconds. */
    now: z.number(),
  }),
  /** Text the agent printed: `o` standard output, `e` standard error. */
  z.object({ ...common, t: z.literal('out'), s: z.enum(['o', 'e']), d: z.string() }),
  /** A message of the agent: kind and fields, see contract/agent-protocol.ts. */
  z.object({ ...common, t: z.literal('ev'), k: z.string().max(40), v: z.record(z.string(), z.unknown()) }),
  /** The stream is past its bound; `total` bytes so far. */
  z.object({ ...common, t: z.literal('cut'), s: z.enum(['o', 'e']), total: z.number() }),
  /** This many bytes (of a stream) or messages (`s: 'ev'`) were left out here. */
  z.object({
    ...common,
    t: z.literal('gap'),
    s: z.enum(['o', 'e', 'ev']),
    bytes: z.number().default(0),
    count: z.number().default(0),
  }),
  z.object({ ...common, t: z.literal('stopping'), why: z.string().max(100) }),
  z.object({ ...common, t: z.literal('hb') }),
  z.object({
    ...common,
    t: z.literal('end'),
    code: z.number().nullable(),
    sig: z.number().nullable(),
    /** `cancel`, `timeout`, `disconnect`, `heartbeat`, `lease`, `full`, `signal N`; null when the agent ended by itself. */
    why: z.string().max(100).nullable(),
    /** Whether SIGKILL was needed. */
    forced: z.boolean().default(false),
    /** Processes that outlived the agent, and those that could not be ended. */
    strays: z.number(),
    left: z.array(z.number()),
  }),
  /** Said by an attachment that finds no run, or whose supervisor died. */
  z.object({ ...common, t: z.literal('lost'), why: z.string().max(200) }),
])
export type Frame = z.infer<typeof frame>
