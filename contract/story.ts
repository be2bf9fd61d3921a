import * as z from 'zod'
import { confidence, severity } from './agent-protocol.ts'
import { defineApi } from './endpoint.ts'
import { executionState } from './executions.ts'
import { agentId, executionId, nodeId, planId } from './ids.ts'
import { instant, pageOf, pageQuery } from './page.ts'
import { change } from './reports.ts'

/** What the story of a node is told in. */
export const storyKind = z.enum(['execution', 'change', 'finding', 'approval', 'audit'])
export type StoryKind = z.infer<typeof storyKind>

/** One thing that happened to a node. */
export const storyEvent = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('execution'),
      at: instant,
      executionId,
      agentId,
      state: executionState,
      mode: z.enum(['report', 'plan', 'apply']),
      dryRun: z.boolean(),
      startedBy: z.string(),
      verdict: z.string().nullable(),
    }),
    /** What a run found changed; its time is that of the run. */
    z.object({
      kind: z.literal('change'),
      at: instant,
      executionId,
      agentId,
      /** The most telling ones. */
      texts: z.array(z.string()),
      total: z.number(),
    }),
    z.object({
      kind: z.literal('finding'),
      at: instant,
      what: z.enum(['found', 'acknowledged', 'resolved']),
      agentId,
      key: z.string(),
      severity,
      title: z.string(),
      executionId,
      by: z.string().nullable(),
    }),
    z.object({
      kind: z.literal('approval'),
      at: instant,
      what: z.enum(['proposed', 'approved', 'rejected']),
      planId,
      executionId,
      by: z.string().nullable(),
      titles: z.array(z.string()),
      total: z.number(),
    }),
    z.object({
      kind: z.literal('audit'),
      at: instant,
      seq: z.number(),
      actor: z.string(),
      action: z.string(),
    }),
  ])
  .meta({ id: 'StoryEvent' })
export type StoryEvent = z.infer<typeof storyEvent>

/** What one run found changed on its node. */
export const fleetChange = z
  .object({
    executionId,
    nodeId,
    nodeName: z.string(),
    agentId,
    at: instant,
    changes: z.array(change),
  })
  .meta({ id: 'FleetChange' })
export type FleetChange = z.infer<typeof fleetChange>

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** One fact of one node, as its newest report of an agent has it. */
export const nodeFact = z
  .object({
    nodeId,
    nodeName: z.string(),
    executionId: executionId.nullable(),
    at: instant.nullable(),
    /** False where the node has no such report, or no such fact in it. */
    isKnown: z.boolean(),
    value: scalar,
  })
  .meta({ id: 'NodeFact' })
export type NodeFact = z.infer<typeof nodeFact>

/** When a file system will be full, as the newest report of its node reckons. */
export const diskForecast = z
  .object({
    nodeId,
    nodeName: z.string(),
    executionId,
    mount: z.string(),
    usedPercent: z.number(),
    fullAt: instant,
    confidence,
    /** When it was reckoned. */
    at: instant,
  })
  .meta({ id: 'DiskForecast' })
export type DiskForecast = z.infer<typeof diskForecast>

export const storyApi = defineApi({
  story: {
    ofNode: {
      method: 'GET',
      path: '/nodes/:id/story',
      summary:
        'Tell what happened to a node, newest first: runs, changes, findings, approvals and what people did',
      permission: 'node.read',
      params: z.object({ id: nodeId }),
      query: pageQuery.extend({ kind: storyKind.optional(), agentId: agentId.optional() }),
      reply: pageOf(storyEvent),
      errors: ['node.not_found'],
    },
  },
  changes: {
    list: {
      method: 'GET',
      path: '/changes',
      summary: 'Show what runs found changed over all nodes since a moment, newest first',
      permission: 'execution.read',
      query: pageQuery.extend({ since: instant, nodeId: nodeId.optional() }),
      reply: pageOf(fleetChange),
    },
  },
  facts: {
    paths: {
      method: 'GET',
      path: '/facts/paths',
      summary: 'List the facts that the newest reports of an agent have, for a comparison',
      permission: 'execution.read',
      query: z.object({ agentId }),
      reply: z.object({ items: z.array(z.string()) }),
    },
    across: {
      method: 'GET',
      path: '/facts',
      summary: 'Show one fact of every node side by side, by the name of the node',
      permission: 'execution.read',
      query: pageQuery.extend({ agentId, path: z.string().min(1).max(400) }),
      reply: pageOf(nodeFact),
    },
  },
  forecasts: {
    disks: {
      method: 'GET',
      path: '/forecasts/disks',
      summary: 'Show which file systems will be full and when, soonest first',
      permission: 'node.read',
      query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(10) }),
      reply: z.object({ items: z.array(diskForecast) }),
    },
  },
})
