import type * as z from 'zod'
import type { Reply, Request } from '../../contract/endpoint.ts'
import type { AgentId, ExecutionId, NodeId } from '../../contract/ids.ts'
import type { Node } from '../../contract/nodes.ts'
import type { Finding, Report, reportsApi, series } from '../../contract/reports.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { Notices } from '../notices/notices.ts'
import { findChanges } from './changes.ts'
import type { Collected } from './collected.ts'
import { createFindingStore } from './finding-store.ts'
import { parseCursor, toCursor } from './finding-list.ts'
import { type KeptFinding, settleFindings } from './findings.ts'
import { chooseMoments, fitWithin, type StoredSample, thin } from './history.ts'
import { toNotices } from './notices.ts'
import { ownerForDays, ownersBeside, withoutOwned } from './owners.ts'
import { byUrgencyIn, rankOf, severities, worstOf } from './rank.ts'
import { createSeriesStore } from './series-store.ts'
import { createReportStore } from './store.ts'
import { toVerdict } from './verdict.ts'

interface ReportTools {
  readonly db: Database
  readonly clock: Clock
  readonly events: EventBus
  readonly audit: Pick<Audit, 'append'>
  readonly notices: Pick<Notices, 'put'>
}

/** A run that came to its end. */
export interface FinishedRun {
  readonly execution: {
    readonly id: ExecutionId
    readonly nodeId: NodeId
    readonly agentId: AgentId
    readonly agentVersion: string
  }
  readonly nodeName: string
  readonly durationMs: number
  readonly collected: Collected
}

type Api = typeof reportsApi
type Series = z.infer<typeof series>

/** Bytes of history that travel to an agent. */
const historyMaxBytes = 262_144
/** Samples of a key that are looked at; thirty days of one every nine minutes. */
const momentsMax = 5_000
/** Series of one reply, and points read of each before they are thinned. */
const seriesMax = 200
const pointsReadMax = 10_000

/** Turns what agents say into reports, and carries findings from run to run. */
export function createReports({ db, clock, events, audit, notices }: ReportTools) {
  const store = createReportStore(db)
  const findingStore = createFindingStore(db)
  const seriesStore = createSeriesStore(db)

  /**
   * The past samples an agent asks for: oldest first, evenly thinned to at most 120 for a key, and at most `maxBytes`
   * of JSON together. The newest sample is always among them. Keys without a sample are left out.
   */
  async function historyFor(wanted: {
    nodeId: NodeId
    agentId: AgentId
    keys: readonly string[]
    maxBytes?: number
  }): Promise<Record<string, [unixSeconds: number, value: unknown][]>> {
    const samples = new Map<string, StoredSample[]>()
    for (const key of new Set(wanted.keys)) {
      const moments = chooseMoments(await seriesStore.sampleMoments(wanted, key, momentsMax), clock.now())
      if (moments.length > 0) samples.set(key, await seriesStore.samplesAt(wanted, key, moments))
    }
    return fitWithin(samples, wanted.maxBytes ?? historyMaxBytes)
  }

  /** Writes all that remains of a run, in the caller's transaction, and returns its report. */
  async function keep(
    tx: Tx,
    { execution, nodeName, durationMs, collected: all }: FinishedRun,
  ): Promise<Report> {
    const { id: executionId, nodeId, agentId, agentVersion } = execution
    const at = clock.now().toISOString()
    const collected = { ...all, findings: await own(tx, execution, all.findings) }
    const { gaps, metrics, schema, facts, sections, status } = collected

    const before = await store.previousReport(tx, execution)
    // What looked at other parts of the node says nothing about what has changed in these.
    const comparable =
      before && before.schema === schema && before.facts['scope'] === facts['scope'] ? before : null

    const keys = collected.findings.map((finding) => finding.key)
    const known = await findingStore.findingsToSettle(tx, execution, keys)
    const settled = settleFindings(known, { executionId, nodeId, agentId, at, collected })
    const findings = settled.map(toFinding).sort(byUrgencyIn(executionId))

    const report: Report = {
      executionId,
      agentId,
      agentVersion,
      nodeId,
      nodeName,
      createdAt: at,
      durationMs,
      verdict: toVerdict({ findings, gaps, sections, status, executionId }),
      worst: worstOf(findings, executionId),
      findings,
      gaps: [...gaps],
      changes: comparable && findChanges(comparable, { facts, gaps }),
      comparedWith: comparable?.executionId ?? null,
      metrics: [...metrics],
      schema,
      facts,
    }
    await findingStore.saveFindings(tx, settled)
    await seriesStore.insertSamples(tx, execution, at, collected.history)
    await seriesStore.insertMetrics(tx, nodeId, at, metrics)
    await store.insertReport(tx, report)
    for (const draft of toNotices(report)) await notices.put(tx, draft)
    return report
  }

  /** What another agent says of this node in more detail is not said twice. */
  async function own(
    tx: Tx,
    { nodeId, agentId }: FinishedRun['execution'],
    findings: Collected['findings'],
  ): Promise<Collected['findings']> {
    const since = new Date(clock.now().getTime() - ownerForDays * 86_400_000).toISOString()
    const seen = new Map<AgentId, ReadonlySet<string>>()
    for (const owner of ownersBeside(agentId)) {
      const last = await store.previousReport(tx, { nodeId, agentId: owner })
      if (last && last.createdAt >= since) seen.set(owner, new Set(Object.keys(last.facts)))
    }
    return withoutOwned(agentId, findings, seen)
  }

  /** The report as it was, with the acknowledgements of today. Throws `execution.no_report`. */
  async function get(id: ExecutionId): Promise<Report> {
    const report = await store.findReport(id)
    if (!report) throw fail('execution.no_report')
    const acknowledged = await findingStore.acknowledgements(report)
    const findings = report.findings.map((finding): Finding => {
      const mark = acknowledged.get(finding.key)
      if (!mark || mark.first_seen_at !== finding.firstSeenAt) return finding
      return { ...finding, acknowledgedAt: mark.acknowledged_at, acknowledgedBy: mark.acknowledged_by }
    })
    return { ...report, findings }
  }

  /** Findings over all nodes, most severe first, then those seen last. `open: false` lists the resolved ones. */
  async function listFindings(
    query: Request<Api['findings']['list']>['query'],
  ): Promise<Reply<Api['findings']['list']>> {
    const { severity, open, nodeId, limit } = query
    const from = query.cursor === undefined ? null : parseCursor(query.cursor)
    const ranks = severity ? [rankOf(severity)] : severities.map(rankOf)
    const found: KeptFinding[] = []
    for (const rank of ranks) {
      if ((from && rank < from.rank) || found.length > limit) continue
      const start = from?.rank === rank ? from : null
      // One more than asked for tells whether there is another page.
      const more = await findingStore.findingsOfRank({
        rank,
        open,
        nodeId,
        from: start,
        limit: limit + 1 - found.length,
      })
      found.push(...more)
    }
    const page = found.slice(0, limit)
    return { items: page.map(toFinding), nextCursor: found.length > limit ? toCursor(page, from) : null }
  }

  /** Marks a finding as known; doing it twice changes nothing. Throws `finding.not_found`, also for a resolved one. */
  async function acknowledge(
    { nodeId, agentId, key }: { nodeId: NodeId; agentId: AgentId; key: string },
    actor: Actor,
  ): Promise<Finding> {
    const owner = { nodeId, agentId }
    const at = clock.now().toISOString()
    const { finding, isNew } = await db.write(async (tx) => {
      const found = await findingStore.findFinding(owner, key, tx)
      if (!found || found.resolvedAt !== null) throw fail('finding.not_found')
      if (found.acknowledgedAt !== null) return { finding: found, isNew: false }
      await findingStore.acknowledge(tx, owner, key, actor.name, at)
      const detail = { agentId, key, severity: found.severity }
      await audit.append(tx, { actor, action: 'finding.acknowledged', target: nodeId, detail })
      return { finding: { ...found, acknowledgedAt: at, acknowledgedBy: actor.name }, isNew: true }
    })
    if (isNew) events.emit('findings.changed', { nodeId })
    return toFinding(finding)
  }

  /**
   * How the metrics of a node moved, oldest point first. `limit` is shared evenly by the series; a longer one is
   * thinned evenly. Throws `node.not_found`.
   */
  async function metricHistory(
    nodeId: NodeId,
    { name, since, limit }: Request<Api['metrics']['history']>['query'],
  ): Promise<Reply<Api['metrics']['history']>> {
    if (!(await store.hasNode(nodeId))) throw fail('node.not_found')
    const names = await seriesStore.seriesNames(nodeId, name, seriesMax)
    const each = Math.max(1, Math.floor(limit / Math.max(1, names.length)))
    const read = Math.max(each, Math.floor(pointsReadMax / Math.max(1, names.length)))
    const items: Series[] = []
    for (const one of names) {
      const points = await seriesStore.points(nodeId, one, since, read)
      const last = points.at(-1)
      if (!last) continue
      items.push({
        name: one.name,
        unit: last.unit,
        labels: JSON.parse(one.labels) as Record<string, string>,
        points: thin(points, each).map(({ at, value }) => ({ at, value })),
      })
    }
    return { items }
  }

  /** The newest value of each series with one of these names, by node, name and labels. */
  async function latestMetrics({
    names,
    nodes,
  }: Request<Api['metrics']['latest']>['query']): Promise<Reply<Api['metrics']['latest']>> {
    const rows = await seriesStore.latest([...new Set(names)], nodes && [...new Set(nodes)])
    return {
      items: rows.map(({ node_id: nodeId, labels, ...row }) => ({
        nodeId,
        ...row,
        labels: JSON.parse(labels) as Record<string, string>,
      })),
    }
  }

  /** Findings that are open and not acknowledged, by node; nodes without any are left out. */
  async function findingCounts(nodeIds: readonly NodeId[]): Promise<Map<NodeId, Node['findings']>> {
    const counts = new Map<NodeId, Node['findings']>()
    for (const { node_id, severity, count } of await findingStore.countFindings(nodeIds)) {
      const before = counts.get(node_id) ?? { critical: 0, high: 0, warning: 0, info: 0 }
      counts.set(node_id, { ...before, [severity]: Number(count) })
    }
    return counts
  }

  /** What findings of an agent on a node say, and since when. */
  async function beginnings(
    owner: { nodeId: NodeId; agentId: AgentId },
    keys: readonly string[],
  ): Promise<Pick<Finding, 'key' | 'title' | 'firstSeenAt'>[]> {
    return findingStore.findingsByKey(owner, keys)
  }

  return {
    historyFor,
    store: keep,
    get,
    listFindings,
    acknowledge,
    metricHistory,
    latestMetrics,
    findingCounts,
    beginnings,
  }
}
export type Reports = ReturnType<typeof createReports>

const toFinding = ({ absentRuns: _, ...finding }: KeptFinding): Finding => finding
