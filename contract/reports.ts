import * as z from 'zod'
import { confidence, gap, severity } from './agent-protocol.ts'
import { defineApi } from './endpoint.ts'
import { agentId, executionId, nodeId } from './ids.ts'
import { instant, pageOf, pageQuery } from './page.ts'

/** Where a finding stands against the run before: first seen, as before, grown, shrunk, or gone. */
export const findingState = z.enum(['new', 'known', 'worse', 'better', 'resolved'])
export type FindingState = z.infer<typeof findingState>

export const finding = z
  .object({
    key: z.string(),
    rule: z.string(),
    severity,
    subject: z.string(),
    title: z.string(),
    evidence: z.record(z.string(), z.unknown()),
    fix: z.string().nullable(),
    confidence,
    state: findingState,
    nodeId,
    agentId,
    firstSeenAt: instant,
    lastSeenAt: instant,
    resolvedAt: instant.nullable(),
    acknowledgedAt: instant.nullable(),
    acknowledgedBy: z.string().nullable(),
    /** The execution that saw it last. */
    executionId,
  })
  .meta({ id: 'Finding' })
export type Finding = z.infer<typeof finding>

/** One thing that is different from the run before. `path` is the place among the facts, e.g. `ports.external`. */
export const change = z
  .object({
    path: z.string(),
    kind: z.enum(['added', 'removed', 'changed']),
    before: z.unknown(),
    after: z.unknown(),
    /** In words: "/var grew from 61 % to 74 %". */
    text: z.string(),
  })
  .meta({ id: 'Change' })
export type Change = z.infer<typeof change>

export const metric = z
  .object({
    name: z.string(),
    value: z.number(),
    unit: z.string(),
    labels: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Metric' })
export type Metric = z.infer<typeof metric>

export const report = z
  .object({
    executionId,
    agentId,
    agentVersion: z.string(),
    nodeId,
    nodeName: z.string(),
    createdAt: instant,
    /** How long the agent took, milliseconds. */
    durationMs: z.number(),
    /** One sentence: "2 things need you: …", or "All is well." */
    verdict: z.string(),
    worst: severity.nullable(),
    /** Most severe first; resolved ones last. */
    findings: z.array(finding),
    /** What could not be seen, and what would allow it. An absent finding there is no all-clear. */
    gaps: z.array(gap),
    /** Null on the first run, when there is nothing to compare with. */
    changes: z.array(change).nullable(),
    comparedWith: executionId.nullable(),
    metrics: z.array(metric),
    schema: z.string(),
    facts: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Report' })
export type Report = z.infer<typeof report>

/** Points of one metric of one node over time. */
export const series = z
  .object({
    name: z.string(),
    unit: z.string(),
    labels: z.record(z.string(), z.string()),
    points: z.array(z.object({ at: instant, value: z.number() })),
  })
  .meta({ id: 'Series' })

/** Items of a query that are joined by commas. */
const listOf = <Item extends z.ZodType<unknown, string>>(item: Item, most: number) =>
  z
    .string()
    .max(8_000)
    .transform((text) => text.split(','))
    .pipe(z.array(item).min(1).max(most))

/** The newest value of one series of a node. */
export const latestMetric = metric.extend({ nodeId, at: instant }).meta({ id: 'LatestMetric' })
export type LatestMetric = z.infer<typeof latestMetric>

export const reportsApi = defineApi({
  findings: {
    list: {
      method: 'GET',
      path: '/findings',
      summary: 'List findings over all nodes, most severe first',
      permission: 'finding.read',
      query: pageQuery.extend({
        nodeId: nodeId.optional(),
        severity: severity.optional(),
        open: z.stringbool().default(true),
      }),
      reply: pageOf(finding),
    },
    acknowledge: {
      method: 'POST',
      path: '/findings/acknowledge',
      summary: 'Mark a finding as known; it speaks up again only when it grows worse',
      permission: 'finding.write',
      body: z.strictObject({ nodeId, agentId, key: z.string().max(400) }),
      reply: finding,
      errors: ['finding.not_found'],
    },
  },
  metrics: {
    history: {
      method: 'GET',
      path: '/nodes/:id/metrics',
      summary: 'Show how the metrics of a node moved',
      permission: 'node.read',
      params: z.object({ id: nodeId }),
      query: z.object({
        name: z.string().max(100).optional(),
        since: instant.optional(),
        limit: z.coerce.number().int().min(1).max(10_000).default(2_000),
      }),
      reply: z.object({ items: z.array(series) }),
      errors: ['node.not_found'],
    },
    latest: {
      method: 'GET',
      path: '/metrics/latest',
      summary: 'Show the newest values of some metrics over all nodes, or over those that are named',
      permission: 'node.read',
      query: z.object({
        /** Names of metrics, joined by commas, e.g. `disk.used_pct,memory.used_pct`. */
        names: listOf(z.string().min(1).max(100), 10),
        /** Ids of nodes, joined by commas. */
        nodes: listOf(nodeId, 200).optional(),
      }),
      reply: z.object({ items: z.array(latestMetric) }),
    },
  },
})
