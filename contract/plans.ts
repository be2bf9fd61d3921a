import * as z from 'zod'
import { actionOrder, actionType, reversibility, risk } from './actions.ts'
import { actionName, skipReason } from './agent-protocol.ts'
import { defineApi } from './endpoint.ts'
import { agentId, approvalId, executionId, nodeId, planId, policyId, rejectionId, trashId } from './ids.ts'
import { instant, pageOf, pageQuery } from './page.ts'

/**
 * What became of an approved action. `would-run`: a dry run found all as planned · `skipped`: it no longer matched ·
 * `not-run`: the run ended before its turn · `unknown`: nobody heard whether it was done.
 */
export const actionOutcome = z
  .object({
    kind: z.enum(['done', 'would-run', 'skipped', 'failed', 'not-run', 'unknown']),
    reason: skipReason.nullable(),
    why: z.string().nullable(),
    bytesFreed: z.number().nullable(),
    at: instant,
  })
  .meta({ id: 'ActionOutcome' })
export type ActionOutcome = z.infer<typeof actionOutcome>

/**
 * Where an action stands. It waits until one decision is made, and there is never a second: `superseded` means that a
 * newer plan of the same agent for the same node took its place, `expired` that nobody decided in time, and `held` that
 * somebody rejected the very same change before, and it is not asked again yet.
 */
export const actionState = z.enum([
  'waiting',
  'second-person',
  'approved',
  'rejected',
  'held',
  'superseded',
  'expired',
  'settled',
])
export type ActionState = z.infer<typeof actionState>

/** That somebody said no to a change, and until when the same change is not asked again. */
export const rejection = z
  .object({
    id: rejectionId,
    nodeId,
    nodeName: z.string(),
    agentId,
    type: actionType,
    object: z.string(),
    title: z.string(),
    by: z.string(),
    why: z.string(),
    at: instant,
    /** Null: until somebody takes it back. */
    until: instant.nullable(),
  })
  .meta({ id: 'Rejection' })
export type Rejection = z.infer<typeof rejection>

export const action = z
  .object({
    aid: actionName,
    order: actionOrder,
    /** What it is about, the same in every plan, e.g. `container:web`. */
    object: z.string(),
    title: z.string(),
    why: z.string(),
    findingKey: z.string().nullable(),
    bytesMin: z.number().nullable(),
    bytesMax: z.number().nullable(),
    risk,
    reversibility,
    /** Asks for an administrator who has just proved to be there. */
    destructive: z.boolean(),
    /** What has to be typed to approve it; null where a click is enough. */
    nameToType: z.string().nullable(),
    state: actionState,
    approvalId: approvalId.nullable(),
    outcome: actionOutcome.nullable(),
    /** The rejection that is remembered, made here or before; null where there is none, or it was taken back. */
    rejection: rejection.pick({ id: true, by: true, why: true, at: true, until: true }).nullable(),
  })
  .meta({ id: 'Action' })
export type Action = z.infer<typeof action>

/** Who decided, and how it went on. */
export const approval = z
  .object({
    id: approvalId,
    kind: z.enum(['plan', 'undo']),
    /** SHA-256 over items, node, host key, bundle digest and expiry: what the node compares. */
    sha256: z.string(),
    approvedBy: z.string(),
    approvedAt: instant,
    secondBy: z.string().nullable(),
    state: z.enum(['second-person', 'running', 'settled', 'withdrawn']),
    dryRun: z.boolean(),
    expiresAt: instant,
    /** The execution that makes the changes; null while a second person is awaited. */
    executionId: executionId.nullable(),
    /** What was freed in truth, measured on the node; null where it was not. */
    bytesFreed: z.number().nullable(),
  })
  .meta({ id: 'Approval' })
export type Approval = z.infer<typeof approval>

/** The changes that one run of an agent proposes for one node. */
export const plan = z
  .object({
    id: planId,
    /** The run that proposed it. */
    executionId,
    agentId,
    agentTitle: z.string(),
    agentVersion: z.string(),
    bundleSha256: z.string(),
    nodeId,
    nodeName: z.string(),
    createdAt: instant,
    /** After it nothing of the plan can be approved any more. */
    expiresAt: instant,
    /** Null while it can be decided; else why it cannot, in a sentence. */
    closed: z.string().nullable(),
    actions: z.array(action),
    approvals: z.array(approval),
    /** Over the actions that wait. */
    bytesMin: z.number(),
    bytesMax: z.number(),
  })
  .meta({ id: 'Plan' })
export type Plan = z.infer<typeof plan>

/** Something that was set aside on a node and can come back. */
export const trashed = z
  .object({
    id: trashId,
    nodeId,
    nodeName: z.string(),
    agentId,
    title: z.string(),
    object: z.string(),
    type: actionType,
    bytes: z.number(),
    removedAt: instant,
    removedBy: z.string(),
    /** Until when it is kept; null where there is no end, as for an image that is pulled again. */
    until: instant.nullable(),
    state: z.enum(['kept', 'restoring', 'restored', 'gone']),
    executionId,
  })
  .meta({ id: 'Trashed' })
export type Trashed = z.infer<typeof trashed>

/** Approves by itself what it covers. There is none until an administrator makes one. */
export const policy = z
  .object({
    id: policyId,
    type: actionType,
    /** Nodes it holds for: names, `*` in them, or `tag:…`, as everywhere. */
    targets: z.array(z.string()),
    /** Most that one action may free, bytes; one without a figure is not covered. */
    maxBytes: z.number(),
    createdBy: z.string(),
    createdAt: instant,
  })
  .meta({ id: 'ApprovalPolicy' })
export type Policy = z.infer<typeof policy>

/** A step in the life of an object on a node. */
export const objectEvent = z
  .object({
    at: instant,
    kind: z.enum([
      'found',
      'proposed',
      'held',
      'approved',
      'rejected',
      'superseded',
      'expired',
      'outcome',
      'restored',
    ]),
    title: z.string(),
    by: z.string().nullable(),
    outcome: actionOutcome.nullable(),
    executionId: executionId.nullable(),
    planId: planId.nullable(),
  })
  .meta({ id: 'ObjectEvent' })
export type ObjectEvent = z.infer<typeof objectEvent>

const params = z.object({ id: planId })
const chosen = z.array(actionName).min(1).max(500)
/** Names that were typed, by action. */
const typed = z.record(actionName, z.string().max(255)).default({})

export const plansApi = defineApi({
  plans: {
    list: {
      method: 'GET',
      path: '/plans',
      summary: 'List plans, newest first: those that wait for a decision, or all',
      permission: 'plan.read',
      query: pageQuery.extend({
        waiting: z.stringbool().default(true),
        nodeId: nodeId.optional(),
        agentId: agentId.optional(),
      }),
      reply: pageOf(plan),
    },
    count: {
      method: 'GET',
      path: '/plans/count',
      summary: 'Say how many plans and changes wait for a decision',
      permission: 'plan.read',
      reply: z.object({ plans: z.number(), actions: z.number() }),
    },
    get: {
      method: 'GET',
      path: '/plans/:id',
      summary: 'Show one plan with every change and what became of it',
      permission: 'plan.read',
      params,
      reply: plan,
      errors: ['plan.not_found'],
    },
    ofExecution: {
      method: 'GET',
      path: '/executions/:id/plan',
      summary: 'Show the plan that an execution proposed, or the one whose changes it made',
      permission: 'plan.read',
      params: z.object({ id: executionId }),
      reply: z.object({ plan: plan.nullable(), approvalId: approvalId.nullable() }),
      errors: ['execution.not_found'],
    },
    approve: {
      method: 'POST',
      path: '/plans/:id/approve',
      summary: 'Approve some changes of a plan; a new execution makes them',
      permission: 'plan.approve',
      params,
      body: z.strictObject({ actions: chosen, typed, dryRun: z.boolean().default(false) }),
      reply: plan,
      status: 202,
      errors: [
        'plan.not_found',
        'plan.decided',
        'plan.expired',
        'plan.superseded',
        'plan.name_not_typed',
        'plan.same_person',
        'plan.needs_admin',
        'plan.no_trash_room',
        'auth.step_up_required',
      ],
    },
    reject: {
      method: 'POST',
      path: '/plans/:id/reject',
      summary: 'Reject some changes of a plan',
      permission: 'plan.approve',
      params,
      body: z.strictObject({
        actions: chosen,
        why: z.string().trim().max(300).default(''),
        /** For how long the same changes are not asked again, days; 0 asks at the next run, null never by itself. */
        forDays: z.number().int().min(0).max(3_650).nullable().default(30),
      }),
      reply: plan,
      errors: ['plan.not_found', 'plan.decided'],
    },
    objectHistory: {
      method: 'GET',
      path: '/nodes/:id/objects',
      summary: 'Show what was proposed, decided and done about one object of a node',
      permission: 'plan.read',
      params: z.object({ id: nodeId }),
      query: z.object({ object: z.string().min(1).max(1_200) }),
      reply: z.object({ items: z.array(objectEvent) }),
      errors: ['node.not_found'],
    },
  },
  trash: {
    list: {
      method: 'GET',
      path: '/trash',
      summary: 'List what was set aside on nodes and can come back, newest first',
      permission: 'plan.read',
      query: pageQuery.extend({ nodeId: nodeId.optional(), kept: z.stringbool().default(true) }),
      /** `bytes` are set aside now, on all nodes or the one asked for; each may have `maxBytesPerNode`. */
      reply: pageOf(trashed).extend({ bytes: z.number(), maxBytesPerNode: z.number() }),
    },
    restore: {
      method: 'POST',
      path: '/trash/:id/restore',
      summary: 'Bring back what was removed; a new execution does it',
      permission: 'plan.approve',
      params: z.object({ id: trashId }),
      reply: trashed,
      status: 202,
      errors: ['trash.not_found', 'trash.gone', 'agent.not_found'],
    },
  },
  rejections: {
    list: {
      method: 'GET',
      path: '/rejections',
      summary: 'List rejections that are remembered, newest first',
      permission: 'plan.read',
      query: pageQuery.extend({ nodeId: nodeId.optional() }),
      reply: pageOf(rejection),
    },
    takeBack: {
      method: 'DELETE',
      path: '/rejections/:id',
      summary: 'Ask again about a change that was rejected; what of it is proposed now waits for a decision',
      permission: 'plan.approve',
      params: z.object({ id: rejectionId }),
      reply: z.object({}),
      errors: ['rejection.not_found'],
    },
  },
  policies: {
    list: {
      method: 'GET',
      path: '/approval-policies',
      summary: 'List what is approved without asking; empty unless somebody set it up',
      permission: 'plan.read',
      reply: z.object({ items: z.array(policy) }),
    },
    create: {
      method: 'POST',
      path: '/approval-policies',
      summary: 'Approve changes of one kind on some nodes without asking, up to a size',
      permission: 'policy.write',
      stepUp: true,
      body: z.strictObject({
        type: actionType,
        targets: z.array(z.string().min(1).max(200)).min(1).max(50),
        maxBytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
      }),
      reply: policy,
      status: 201,
      errors: ['policy.too_risky'],
    },
    remove: {
      method: 'DELETE',
      path: '/approval-policies/:id',
      summary: 'Ask again before such changes',
      permission: 'policy.write',
      stepUp: true,
      params: z.object({ id: policyId }),
      reply: z.object({}),
      errors: ['policy.not_found'],
    },
  },
})
