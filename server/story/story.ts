import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Reply, Request } from '../../contract/endpoint.ts'
import { agentId as agentIds, type ExecutionId, type NodeId } from '../../contract/ids.ts'
import type { ExecutionState } from '../../contract/executions.ts'
import type { Permission } from '../../contract/permissions.ts'
import type { Change } from '../../contract/reports.ts'
import type {
  DiskForecast,
  FleetChange,
  NodeFact,
  storyApi,
  StoryEvent,
  StoryKind,
} from '../../contract/story.ts'
import type { Database } from '../db/database.ts'
import { type Actor, mayDo } from '../lib/actor.ts'
import { fail } from '../lib/errors.ts'
import { firstIdAt, momentOf } from '../lib/id.ts'
import { factAt, factsOf, type FactValue } from '../../contract/fact-paths.ts'
import { foresee, type Foreseen } from './forecast.ts'
import { createStoryStore, type StoryStore } from './store.ts'
import { cutPage } from './timeline.ts'

type Api = typeof storyApi

/** Whoever may read a thing where it stands may read it in a story. */
const permissionOf = {
  execution: 'execution.read',
  change: 'execution.read',
  finding: 'finding.read',
  approval: 'plan.read',
  audit: 'audit.read',
} as const satisfies Record<StoryKind, Permission>

/** Sentences of one run that the story tells; the report has all of them. */
const textsShown = 5
/** Events of one moment beyond the page that still come with it. */
const slack = 50
/** Nodes whose newest report is read at a time. */
const nodesAtOnce = 10
const pathsMax = 1_000
/** Reports of nodes that are looked at for the paths there are: nodes have much the same facts. */
const nodesForPaths = 10
/** Forecasts of so many reports stay in memory: a dashboard asks again and again. */
const kept = 20_000
/** An execution may end this long after it was queued, and its report is told under its own time. */
const longestRunMs = 2 * 86_400_000

const health = agentIds.parse('system-health')

/** Beyond any moment there is. */
const farAhead = '9999-12-31T23:59:59.999Z'

/** What happened: to one node in order, and to all of them; and one fact of all nodes side by side. */
export function createStory({ db }: { readonly db: Database }) {
  const store = createStoryStore(db)
  const foreseen = new Map<ExecutionId, readonly Foreseen[]>()

  /** Only what the caller may read of it. Throws `node.not_found`. */
  async function ofNode(
    nodeId: NodeId,
    { cursor, limit, kind, agentId }: Request<Api['story']['ofNode']>['query'],
    actor: Actor,
  ): Promise<Reply<Api['story']['ofNode']>> {
    if (!(await store.hasNode(nodeId))) throw fail('node.not_found')
    const before = cursor === undefined || Number.isNaN(Date.parse(cursor)) ? farAhead : cursor
    const range = { nodeId, before, agentId, limit: limit + slack }
    const wants = (one: StoryKind) => (kind === undefined || kind === one) && mayDo(actor, permissionOf[one])
    const events: StoryEvent[] = []
    if (wants('execution') || wants('change')) {
      for (const row of await store.executions(range, kind === 'change')) {
        const common = { at: row.queued_at, executionId: row.id, agentId: row.agent_id }
        if (wants('execution'))
          events.push({
            kind: 'execution',
            ...common,
            state: row.state as ExecutionState,
            mode: row.mode,
            dryRun: row.dry_run === 1,
            startedBy: row.started_by,
            verdict: row.verdict,
          })
        const changes = row.changes === null ? [] : (JSON.parse(row.changes) as Change[])
        if (wants('change') && changes.length > 0)
          events.push({
            kind: 'change',
            ...common,
            texts: changes.slice(0, textsShown).map(({ text }) => text),
            total: changes.length,
          })
      }
    }
    if (wants('finding')) {
      for (const row of await store.findings(range)) {
        const common = {
          kind: 'finding',
          agentId: row.agent_id,
          key: row.key,
          severity: row.severity,
          title: row.title,
          executionId: row.execution_id,
        } as const
        events.push({ ...common, at: row.first_seen_at, what: 'found', by: null })
        if (row.acknowledged_at !== null)
          events.push({ ...common, at: row.acknowledged_at, what: 'acknowledged', by: row.acknowledged_by })
        if (row.resolved_at !== null)
          events.push({ ...common, at: row.resolved_at, what: 'resolved', by: null })
      }
    }
    if (wants('approval')) events.push(...approvalsOf(await store.plans(range)))
    if (wants('audit') && agentId === undefined) {
      for (const { seq, at, actor: by, action } of await store.audit(range))
        events.push({ kind: 'audit', at, seq, actor: by, action })
    }
    const { items, next } = cutPage(
      events.filter(({ at }) => at < before),
      limit,
    )
    return { items, nextCursor: next }
  }

  /** What runs found changed, newest first. */
  async function changes({
    since,
    cursor,
    nodeId,
    limit,
  }: Request<Api['changes']['list']>['query']): Promise<Reply<Api['changes']['list']>> {
    const rows = await store.changed({
      from: firstIdAt('exe', new Date(Math.max(0, Date.parse(since) - longestRunMs))),
      before: (cursor as ExecutionId | undefined) ?? null,
      nodeId,
      limit: limit + 1,
    })
    const items = rows
      .slice(0, limit)
      .filter((row) => row.created_at >= since)
      .map(
        (row): FleetChange => ({
          executionId: row.execution_id,
          nodeId: row.node_id,
          nodeName: row.node_name,
          agentId: row.agent_id,
          at: row.created_at,
          changes: JSON.parse(row.changes) as Change[],
        }),
      )
    return { items, nextCursor: rows.length > limit ? (rows[limit - 1]?.execution_id ?? null) : null }
  }

  /** Places of facts that the newest reports of an agent have, in order. */
  async function paths({
    agentId,
  }: Request<Api['facts']['paths']>['query']): Promise<Reply<Api['facts']['paths']>> {
    const found = new Set<string>()
    const nodes = (await store.newest(agentId, null, 500)).filter(({ execution_id: id }) => id !== null)
    const ids = nodes.slice(0, nodesForPaths).map(({ execution_id: id }) => id as ExecutionId)
    for (const { facts } of await store.factsOf(ids))
      for (const [path] of factsOf(facts)) if (path.length <= 400) found.add(path)
    return { items: [...found].sort().slice(0, pathsMax) }
  }

  /** One fact of each node, by the name of the node. The cursor is the name of the last one. */
  async function across({
    agentId,
    path,
    cursor,
    limit,
  }: Request<Api['facts']['across']>['query']): Promise<Reply<Api['facts']['across']>> {
    const nodes = await store.newest(agentId, cursor ?? null, limit + 1)
    const page = nodes.slice(0, limit)
    const reports = new Map<ExecutionId, { at: string; value: FactValue | undefined }>()
    for (let from = 0; from < page.length; from += nodesAtOnce) {
      const ids = page.slice(from, from + nodesAtOnce).flatMap(({ execution_id: id }) => id ?? [])
      for (const { executionId, at, facts } of await store.factsOf(ids))
        reports.set(executionId, { at, value: factAt(facts, path) })
      await nextTurn()
    }
    const items = page.map(({ id, name, execution_id: executionId }): NodeFact => {
      const known = executionId === null ? undefined : reports.get(executionId)
      return {
        nodeId: id,
        nodeName: name,
        executionId,
        at: known?.at ?? null,
        isKnown: known?.value !== undefined,
        value: known?.value ?? null,
      }
    })
    return { items, nextCursor: nodes.length > limit ? (page.at(-1)?.name ?? null) : null }
  }

  /** File systems that will be full, soonest first; each report is read once. */
  async function diskForecasts(limit: number): Promise<{ items: DiskForecast[] }> {
    const nodes = (await store.newest(health, null, kept)).flatMap(
      ({ id, name, execution_id: executionId }) =>
        executionId === null ? [] : [{ nodeId: id, nodeName: name, executionId }],
    )
    const unread = nodes.map(({ executionId }) => executionId).filter((id) => !foreseen.has(id))
    for (let from = 0; from < unread.length; from += nodesAtOnce) {
      for (const { executionId, at, facts } of await store.factsOf(unread.slice(from, from + nodesAtOnce)))
        foreseen.set(executionId, foresee(facts, at))
      await nextTurn()
    }
    const current = new Set(nodes.map(({ executionId }) => executionId))
    for (const id of foreseen.keys()) if (!current.has(id)) foreseen.delete(id)
    const all = nodes.flatMap(({ nodeId, nodeName, executionId }) =>
      (foreseen.get(executionId) ?? []).map((one) => ({
        nodeId,
        nodeName,
        executionId,
        ...one,
        at: momentOf(executionId).toISOString(),
      })),
    )
    return { items: all.sort((a, b) => (a.fullAt < b.fullAt ? -1 : 1)).slice(0, limit) }
  }

  return { ofNode, changes, paths, across, diskForecasts }
}
export type Story = ReturnType<typeof createStory>

/** Plans as they were proposed, and what was decided together about each. */
function approvalsOf({ proposed, decided, titles }: Awaited<ReturnType<StoryStore['plans']>>): StoryEvent[] {
  const events = proposed.map(({ id, execution_id: executionId, created_at: at }): StoryEvent => {
    const all = titles.filter(({ plan_id }) => plan_id === id).map(({ title }) => title)
    return {
      kind: 'approval',
      at,
      what: 'proposed',
      planId: id,
      executionId,
      by: null,
      titles: all.slice(0, textsShown),
      total: all.length,
    }
  })
  const together = Map.groupBy(decided, (one) =>
    [one.id, one.decided_at, one.state === 'rejected', one.decided_by].join('~'),
  )
  for (const actions of together.values()) {
    const [first] = actions
    if (!first?.decided_at) continue
    events.push({
      kind: 'approval',
      at: first.decided_at,
      what: first.state === 'rejected' ? 'rejected' : 'approved',
      planId: first.id,
      executionId: first.execution_id,
      by: first.decided_by,
      titles: actions.slice(0, textsShown).map(({ title }) => title),
      total: actions.length,
    })
  }
  return events
}
