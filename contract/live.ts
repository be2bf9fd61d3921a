import * as z from 'zod'
import { executionId, nodeId, scheduleId, triggerId } from './ids.ts'
import { logEntry } from './executions.ts'

/**
 * The socket at `/api/v1/live`. It only makes things sooner: whatever it tells can also be fetched.
 *
 * A client subscribes to topics. `executions`, `nodes`, `findings`, `plans`, `costs` and `schedules` carry hints ("this one changed, fetch it");
 * `log:<execution id>` carries the log entries themselves, numbered as in the log. A client that reconnects sends
 * the last number it has and continues after it. A client that reads too slowly gets a `gap` with the range it
 * missed, fetches that range by HTTP, and stays subscribed.
 */
export const topic = z.union([
  z.enum(['executions', 'nodes', 'findings', 'plans', 'costs', 'schedules']),
  z.templateLiteral(['log:', executionId]),
])
export type Topic = z.infer<typeof topic>

/** What a client says. */
export const clientFrame = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('subscribe'),
    topic,
    /** For a log: the last entry the client has. For hints: the last `n` of this topic, or 0 for from now on. */
    after: z.number().int().min(0).default(0),
  }),
  z.strictObject({ type: z.literal('unsubscribe'), topic }),
  z.strictObject({ type: z.literal('ping') }),
])
export type ClientFrame = z.infer<typeof clientFrame>

/** A hint, by topic. */
export const hint = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('execution'), executionId, state: z.string() }),
  z.object({ kind: z.literal('node'), nodeId, removed: z.boolean() }),
  z.object({ kind: z.literal('findings'), nodeId }),
  z.object({ kind: z.literal('plans'), nodeId }),
  z.object({ kind: z.literal('costs') }),
  z.object({ kind: z.literal('schedule'), scheduleId }),
  z.object({ kind: z.literal('trigger'), triggerId }),
])
export type Hint = z.infer<typeof hint>

/**
 * What the server says. `n` numbers the hints of one topic without holes, for all clients alike. Each start of the
 * server begins above all earlier numbers, so that a client of an earlier start sees a gap.
 */
export const serverFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hint'), topic, n: z.number(), hint }),
  z.object({ type: z.literal('log'), topic, entries: z.array(logEntry) }),
  /** Frames or entries from `from` to `to` were left out because the client was slow or away too long. */
  z.object({ type: z.literal('gap'), topic, from: z.number(), to: z.number() }),
  /** Everything up to `at` has been sent; what follows is live. */
  z.object({ type: z.literal('ready'), topic, at: z.number() }),
  /** The log is complete: nothing will follow. */
  z.object({ type: z.literal('complete'), topic, lastSeq: z.number() }),
  z.object({ type: z.literal('refused'), topic: z.string(), code: z.string(), detail: z.string() }),
  z.object({ type: z.literal('pong') }),
])
export type ServerFrame = z.infer<typeof serverFrame>
