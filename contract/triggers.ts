import * as z from 'zod'
import { severity } from './agent-protocol.ts'
import { defineApi } from './endpoint.ts'
import { finalStates } from './execution-states.ts'
import { agentId, batchId, executionId, firingId, nodeId, triggerId } from './ids.ts'
import { instant, pageOf, pageQuery } from './page.ts'
import { targets } from './targets.ts'
import { hasNode } from './trigger-terms.ts'

const terms = z.array(z.string().trim().min(1).max(200)).max(50)
/** Which nodes, as in a run: names, globs, `tag:…`. None stands for all. */
const onNodes = terms.default([])
/** None stands for all. */
const ofAgents = z.array(agentId).max(50).default([])

/** What a trigger waits for. */
export const triggerWhen = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('finding'),
    states: z
      .array(z.enum(['new', 'worse']))
      .min(1)
      .max(2)
      .default(['new', 'worse']),
    /** Nothing milder than this. */
    least: severity.default('warning'),
    agents: ofAgents,
    /** Globs over rules and over keys of findings, such as `disk.*`. None stands for all. */
    rules: terms.default([]),
    nodes: onNodes,
  }),
  /** A node that could not be reached answers again. */
  z.strictObject({ kind: z.literal('node-back'), nodes: onNodes }),
  z.strictObject({
    kind: z.literal('execution'),
    agents: ofAgents,
    outcomes: z.array(z.enum(finalStates)).min(1).max(finalStates.length).default(['succeeded']),
    nodes: onNodes,
  }),
  /** A file system was fuller than this at a look, and was not at the one before. */
  z.strictObject({
    kind: z.literal('disk'),
    percent: z.number().int().min(1).max(100),
    /** Globs over mount points. None stands for all. */
    mounts: terms.default([]),
    nodes: onNodes,
  }),
  /** Of a limit of spending so much is used; once in each of its days or months. */
  z.strictObject({
    kind: z.literal('cost'),
    limit: z.enum(['day', 'month', 'agent']),
    percent: z.union([z.literal(50), z.literal(80), z.literal(100)]),
  }),
  /** An address that is called. */
  z.strictObject({
    kind: z.literal('webhook'),
    /** Only calls count that are signed with its key. */
    signed: z.boolean().default(true),
  }),
])
export type TriggerWhen = z.infer<typeof triggerWhen>

const triggerFields = {
  name: z.string().trim().min(1).max(120),
  when: triggerWhen,
  agentId,
  /** Null for the node that it happened on. */
  targets: targets.nullable().default(null),
  options: z.record(z.string(), z.unknown()).default({}),
  dryRun: z.boolean().default(false),
  timeoutS: z.number().int().min(1).max(86_400).nullable().default(null),
  /** After it started something, it starts nothing for so long: on that node, or at all where it has targets of its own. */
  coolDownMinutes: z.number().int().min(0).max(10_080).default(10),
  paused: z.boolean().default(false),
}

const isSomewhere = ({ when, targets: on }: { when: TriggerWhen; targets: unknown }): boolean =>
  on !== null || hasNode(when.kind)
const nowhere = { path: ['targets'], message: 'What it waits for has no node: choose the nodes it runs on' }

export const triggerSpec = z.strictObject(triggerFields).refine(isSomewhere, nowhere)
export type TriggerSpec = z.infer<typeof triggerSpec>

/** `started` a run, `held` back by a rule of the trigger, or `refused` by what starts runs. */
export const firingState = z.enum(['started', 'held', 'refused'])
export type FiringState = z.infer<typeof firingState>

/**
 * Why nothing was started. `own-run`: its own run, or one that this led to, caused it. `chain`: too many runs followed
 * one from the other. `too-old`: the server was off for more than a day. `refused` comes with the words of the refusal.
 */
export const firingReasons = ['paused', 'cool-down', 'own-run', 'chain', 'too-old', 'refused'] as const
export const firingReason = z.enum(firingReasons)
export type FiringReason = z.infer<typeof firingReason>

/** What it fired for. */
export const firingCause = z.object({
  kind: z.enum(['finding', 'node-back', 'execution', 'disk', 'cost', 'webhook', 'person']),
  /** In words, where there are any: the title of a finding, a mount point and how full it is. */
  title: z.string().nullable(),
  nodeId: nodeId.nullable(),
  nodeName: z.string().nullable(),
  executionId: executionId.nullable(),
})
export type FiringCause = z.infer<typeof firingCause>

export const firing = z
  .object({
    id: firingId,
    triggerId,
    at: instant,
    state: firingState,
    reason: firingReason.nullable(),
    detail: z.string().nullable(),
    cause: firingCause,
    batchId: batchId.nullable(),
    /** What became of its executions. */
    executions: z.object({ total: z.number(), active: z.number(), succeeded: z.number() }),
  })
  .meta({ id: 'Firing' })
export type Firing = z.infer<typeof firing>

/** Something of the right kind that the trigger leaves out, and by which of its fields. */
export const nearMiss = z.object({
  at: instant,
  field: z.enum(['states', 'least', 'agents', 'rules', 'nodes', 'outcomes', 'percent', 'mounts', 'limit']),
  cause: firingCause,
})
export type NearMiss = z.infer<typeof nearMiss>

export const trigger = z
  .strictObject(triggerFields)
  .extend({
    id: triggerId,
    lastStarted: firing.nullable(),
    /** What came of what happened last. */
    last: firing.nullable(),
    nearMiss: nearMiss.nullable(),
    createdBy: z.string(),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: 'Trigger' })
export type Trigger = z.infer<typeof trigger>

/** How a trigger is called from elsewhere. Shown once: of the path only a hash is kept. */
export const hook = z.object({
  /** Below the address of this server. */
  path: z.string(),
  /** What calls are signed with, `whsec_…`. */
  key: z.string(),
})
export type Hook = z.infer<typeof hook>

const one = z.object({ id: triggerId })

export const triggersApi = defineApi({
  triggers: {
    list: {
      method: 'GET',
      path: '/triggers',
      summary: 'List triggers by name',
      permission: 'schedule.read',
      reply: z.object({ items: z.array(trigger) }),
    },
    create: {
      method: 'POST',
      path: '/triggers',
      summary:
        'Create a trigger; the address and the key of a webhook are shown in the reply and never again',
      permission: 'schedule.write',
      body: triggerSpec,
      reply: z.object({ trigger, hook: hook.nullable() }),
      status: 201,
      errors: ['trigger.name_taken', 'agent.not_found', 'agent.options_invalid'],
    },
    get: {
      method: 'GET',
      path: '/triggers/:id',
      summary: 'Show one trigger',
      permission: 'schedule.read',
      params: one,
      reply: trigger,
      errors: ['trigger.not_found'],
    },
    change: {
      method: 'PUT',
      path: '/triggers/:id',
      summary: 'Change a trigger; one that becomes a webhook is given an address, shown once',
      permission: 'schedule.write',
      params: one,
      body: triggerSpec,
      reply: z.object({ trigger, hook: hook.nullable() }),
      errors: ['trigger.not_found', 'trigger.name_taken', 'agent.not_found', 'agent.options_invalid'],
    },
    pause: {
      method: 'POST',
      path: '/triggers/:id/pause',
      summary:
        'Let a trigger start nothing, or something again; what happens meanwhile is recorded, not made up for',
      permission: 'schedule.write',
      params: one,
      body: z.strictObject({ paused: z.boolean() }),
      reply: trigger,
      errors: ['trigger.not_found'],
    },
    remove: {
      method: 'DELETE',
      path: '/triggers/:id',
      summary: 'Remove a trigger and the record of what it did; its executions stay',
      permission: 'schedule.write',
      params: one,
      reply: z.object({ removed: z.literal(true) }),
      errors: ['trigger.not_found'],
    },
    fire: {
      method: 'POST',
      path: '/triggers/:id/fire',
      summary: 'Start what a trigger starts, now; the cool-down is not asked',
      permission: 'execution.start',
      params: one,
      body: z.strictObject({
        /** Where it runs on the node that something happened on: which one that is to be. */
        targets: targets.optional(),
      }),
      reply: z.object({ batchId }),
      status: 202,
      errors: [
        'trigger.not_found',
        'agent.not_found',
        'agent.options_invalid',
        'node.none_selected',
        'node.agent_not_allowed',
        'storage.full',
      ],
    },
    firings: {
      method: 'GET',
      path: '/triggers/:id/firings',
      summary: 'List what a trigger started and what it held back, newest first',
      permission: 'schedule.read',
      params: one,
      query: pageQuery,
      reply: pageOf(firing),
      errors: ['trigger.not_found'],
    },
    renewHook: {
      method: 'POST',
      path: '/triggers/:id/hook',
      summary: 'Give a webhook a new address and a new key, shown once; the old ones stop at once',
      permission: 'schedule.write',
      params: one,
      body: z.strictObject({}),
      reply: hook,
      errors: ['trigger.not_found', 'trigger.no_webhook'],
    },
    call: {
      method: 'POST',
      path: '/hooks/:secret',
      summary: 'Call a trigger from elsewhere; the body is only looked at to check its signature',
      permission: 'public',
      params: z.object({ secret: z.string().max(200) }),
      accepts: 'bytes',
      body: z.unknown(),
      reply: z.object({ accepted: z.literal(true) }),
      status: 202,
      errors: ['trigger.not_found', 'trigger.signature_invalid', 'request.rate_limited'],
    },
  },
})
