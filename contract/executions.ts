import * as z from 'zod'
import { defineApi, download } from './endpoint.ts'
import { problem } from './errors.ts'
import { activeStates, finalStates } from './execution-states.ts'
import { agentId, approvalId, batchId, executionId, nodeId } from './ids.ts'
import { instant, pageOf, pageQuery } from './page.ts'
import { report } from './reports.ts'
import { resolvedTargets, targets } from './targets.ts'

// Of a file without schemas: the browser needs these at once, and zod only where somebody fills in a form.
export {
  activeStates,
  type ExecutionState,
  type FinalState,
  finalStates,
  isFinal,
} from './execution-states.ts'

export const executionState = z.enum([...activeStates, ...finalStates])

/** How an execution ended. Every kind has every field, so nobody has to guess; the first cause wins. */
export const outcome = z
  .object({
    kind: z.enum(finalStates),
    /** Null when it succeeded. */
    problem: problem.nullable(),
    /** True when the agent could not see everything; its report names the gaps. */
    partial: z.boolean(),
    exitCode: z.number().nullable(),
    signal: z.number().nullable(),
    /** Whether processes had to be killed because they ignored the polite signal. */
    forced: z.boolean(),
    /** Processes on the node that could not be ended (another user's); normally empty. */
    left: z.array(z.number()),
    /** Attempts to connect. */
    attempts: z.number(),
    /** The end of what the agent printed, at most 20 lines. */
    lastLines: z.array(z.string()),
  })
  .meta({ id: 'Outcome' })
export type Outcome = z.infer<typeof outcome>

export const execution = z
  .object({
    id: executionId,
    batchId: batchId.nullable(),
    agentId,
    agentVersion: z.string(),
    /** SHA-256 of exactly what is carried to the node. */
    bundleSha256: z.string(),
    nodeId,
    nodeName: z.string(),
    state: executionState,
    /** It looks, it proposes changes as well, or it makes those that were approved. */
    mode: z.enum(['report', 'plan', 'apply']),
    /** The approval whose changes it makes. */
    approvalId: approvalId.nullable(),
    dryRun: z.boolean(),
    options: z.record(z.string(), z.unknown()),
    timeoutS: z.number(),
    /** Who or what started it, e.g. `user:anna`, `token:backup-script`, `local`. */
    startedBy: z.string(),
    queuedAt: instant,
    startedAt: instant.nullable(),
    finishedAt: instant.nullable(),
    /** Why it waits, for people: `2 before it on this node`, `next connection at …`. */
    waitingFor: z.string().nullable(),
    outcome: outcome.nullable(),
    /** The last number given out in the log. */
    logLines: z.number(),
    /** The one-line verdict of its report, once there is one. */
    verdict: z.string().nullable(),
    findings: z
      .object({ critical: z.number(), high: z.number(), warning: z.number(), info: z.number() })
      .nullable(),
  })
  .meta({ id: 'Execution' })
export type Execution = z.infer<typeof execution>

export const executionStart = z
  .strictObject({
    agentId,
    targets,
    options: z.record(z.string(), z.unknown()).default({}),
    /** Make plans and previews only. Agents that only read do the same either way. */
    dryRun: z.boolean().default(false),
    /** Seconds; the agent's own default when null. */
    timeoutS: z.number().int().min(1).max(86_400).nullable().default(null),
  })
  .meta({ id: 'ExecutionStart' })
export type ExecutionStart = z.infer<typeof executionStart>

/**
 * One entry of the log, numbered from 1 without holes: what the agent printed, said or ran, and what the server did.
 * `stream`: `out`/`err` text the agent printed · `agent` a message of the agent · `server` a step of this server ·
 * `raw` text from the node outside the protocol (banners, noisy login scripts) · `gap` output left out to stay bounded.
 */
export const logEntry = z
  .object({
    seq: z.number(),
    at: instant,
    stream: z.enum(['out', 'err', 'agent', 'server', 'raw', 'gap']),
    level: z.enum(['debug', 'info', 'warn', 'error']),
    text: z.string(),
    /** The typed message behind an `agent` or `server` entry. */
    message: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ id: 'LogEntry' })
export type LogEntry = z.infer<typeof logEntry>

/** A command that ran on the node, as the agent runtime there reported it. */
export const commandRecord = z
  .object({
    seq: z.number(),
    at: instant,
    argv: z.array(z.string()),
    rc: z.number().nullable(),
    ms: z.number().nullable(),
    via: z.string(),
    note: z.string().nullable(),
  })
  .meta({ id: 'CommandRecord' })
export type CommandRecord = z.infer<typeof commandRecord>

/** A step of the server's own journal of an execution, written before the step is taken. */
export const journalEntry = z
  .object({ seq: z.number(), at: instant, step: z.string(), detail: z.record(z.string(), z.unknown()) })
  .meta({ id: 'JournalEntry' })
export type JournalEntry = z.infer<typeof journalEntry>

const one = z.object({ id: executionId })
const logRange = z.object({
  /** Entries with a number above this. */
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(5_000).default(500),
})

export const executionsApi = defineApi({
  executions: {
    list: {
      method: 'GET',
      path: '/executions',
      summary: 'List executions, newest first',
      permission: 'execution.read',
      query: pageQuery.extend({
        nodeId: nodeId.optional(),
        agentId: agentId.optional(),
        batchId: batchId.optional(),
        state: executionState.optional(),
      }),
      reply: pageOf(execution),
    },
    preview: {
      method: 'POST',
      path: '/executions/preview',
      summary: 'Show which nodes a selection means, and which of them would run the agent',
      permission: 'execution.read',
      body: z.strictObject({ agentId, targets }),
      reply: resolvedTargets,
      errors: ['agent.not_found'],
    },
    start: {
      method: 'POST',
      path: '/executions',
      summary: 'Run an agent on the selected nodes: one execution per node, together one batch',
      permission: 'execution.start',
      body: executionStart,
      reply: z.object({ batchId, executions: z.array(execution) }),
      status: 202,
      errors: [
        'agent.not_found',
        'agent.options_invalid',
        'node.none_selected',
        'node.agent_not_allowed',
        'storage.full',
      ],
    },
    get: {
      method: 'GET',
      path: '/executions/:id',
      summary: 'Show one execution',
      permission: 'execution.read',
      params: one,
      reply: execution,
      errors: ['execution.not_found'],
    },
    cancel: {
      method: 'POST',
      path: '/executions/:id/cancel',
      summary: 'Stop an execution and everything it started on the node',
      permission: 'execution.cancel',
      params: one,
      reply: execution,
      status: 202,
      errors: ['execution.not_found', 'execution.finished'],
    },
    log: {
      method: 'GET',
      path: '/executions/:id/log',
      summary: 'Read a range of the log',
      permission: 'execution.read',
      params: one,
      query: logRange,
      reply: z.object({ items: z.array(logEntry), lastSeq: z.number(), complete: z.boolean() }),
      errors: ['execution.not_found'],
    },
    logText: {
      method: 'GET',
      path: '/executions/:id/log.txt',
      summary: 'Download the whole log as text',
      permission: 'execution.read',
      params: one,
      reply: download('text/plain'),
      errors: ['execution.not_found'],
    },
    commands: {
      method: 'GET',
      path: '/executions/:id/commands',
      summary: 'List the commands that ran on the node, with exact arguments, exit status and duration',
      permission: 'execution.read',
      params: one,
      reply: z.object({ items: z.array(commandRecord) }),
      errors: ['execution.not_found'],
    },
    journal: {
      method: 'GET',
      path: '/executions/:id/journal',
      summary: 'List the steps this server took for the execution, for its timeline',
      permission: 'execution.read',
      params: one,
      reply: z.object({ items: z.array(journalEntry) }),
      errors: ['execution.not_found'],
    },
    report: {
      method: 'GET',
      path: '/executions/:id/report',
      summary: 'Show the report: verdict, findings with evidence, what changed, facts',
      permission: 'execution.read',
      params: one,
      reply: report,
      errors: ['execution.not_found', 'execution.no_report'],
    },
    export: {
      method: 'GET',
      path: '/executions/:id/report/export',
      summary: 'Download the report as JSON, CSV or Markdown',
      permission: 'execution.read',
      params: one,
      query: z.object({ format: z.enum(['json', 'csv', 'md']).default('json') }),
      reply: download('application/json', 'text/csv', 'text/markdown'),
      errors: ['execution.not_found', 'execution.no_report'],
    },
  },
})
