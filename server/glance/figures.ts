import { sql } from 'kysely'
import type { Severity } from '../../contract/agent-protocol.ts'
import type { Problem } from '../../contract/errors.ts'
import { activeStates, type FinalState, finalStates } from '../../contract/execution-states.ts'
import type { NodeId } from '../../contract/ids.ts'
import type { Node } from '../../contract/nodes.ts'
import type { PlacedNode } from '../../contract/topology.ts'
import type { Database } from '../db/database.ts'
import { isReal } from '../db/sample-rows.ts'
import { firstIdAt, momentOf } from '../lib/id.ts'
import { toHealth } from '../nodes/health.ts'

/** One node in figures. */
export interface NodeFigures {
  readonly id: NodeId
  readonly name: string
  readonly health: Node['health']
  readonly findings: Readonly<Record<Severity, number>>
  readonly lastSeenAt: string | null
  readonly lastRunAt: string | null
}

/** Schedules with figures of their own. */
const mostSchedules = 1_000

/**
 * Counts over the tables of other floors, for whoever shows all of it at a glance. Samples are not counted. Read only, and each by an index: a
 * start page asks every few seconds.
 */
export function createFigures(db: Database) {
  async function nodes(): Promise<NodeFigures[]> {
    const rows = await db.read
      .selectFrom('node')
      .select(['id', 'name', 'paused', 'last_seen_at', 'last_problem'])
      .select((node) =>
        node
          .selectFrom('execution')
          .select('execution.id')
          .whereRef('execution.node_id', '=', 'node.id')
          .orderBy('execution.id', 'desc')
          .limit(1)
          .as('last_execution'),
      )
      .where(isReal('id'))
      .orderBy(sql`lower(name)`)
      .execute()
    const counts = await findingsByNode()
    return rows.map(({ id, name, paused, last_seen_at: lastSeenAt, last_problem, last_execution }) => {
      const findings = counts.get(id) ?? { critical: 0, high: 0, warning: 0, info: 0 }
      const lastProblem = last_problem === null ? null : (JSON.parse(last_problem) as Problem)
      return {
        id,
        name,
        health: toHealth({ paused: paused === 1, lastSeenAt, lastProblem, findings }),
        findings,
        lastSeenAt,
        lastRunAt: last_execution === null ? null : momentOf(last_execution).toISOString(),
      }
    })
  }

  /** Every node with the way to it. */
  async function places(): Promise<PlacedNode[]> {
    const rows = await db.read
      .selectFrom('node')
      .select(['id', 'name', 'tags', 'jump_node_id', 'paused', 'last_seen_at', 'last_problem'])
      .orderBy(sql`lower(name)`)
      .execute()
    const counts = await findingsByNode()
    return rows.map(
      ({ id, name, tags, jump_node_id: jumpNodeId, paused, last_seen_at: lastSeenAt, last_problem }) => {
        const findings = counts.get(id) ?? { critical: 0, high: 0, warning: 0, info: 0 }
        const lastProblem = last_problem === null ? null : (JSON.parse(last_problem) as Problem)
        return {
          id,
          name,
          tags: JSON.parse(tags) as string[],
          jumpNodeId,
          health: toHealth({ paused: paused === 1, lastSeenAt, lastProblem, findings }),
          findings: findings.critical + findings.high + findings.warning + findings.info,
        }
      },
    )
  }

  /** How long after its time the last run of each schedule started, seconds, by the name of the schedule. */
  async function scheduleLags(): Promise<{ name: string; lagS: number }[]> {
    const rows = await db.read
      .selectFrom('schedule')
      .innerJoin('occurrence', (join) =>
        join
          .onRef('occurrence.schedule_id', '=', 'schedule.id')
          .on(
            'occurrence.at',
            '=',
            sql<string>`(select max(at) from occurrence as newest where newest.schedule_id = schedule.id and newest.state in ('ran', 'late'))`,
          ),
      )
      .select(['schedule.name', 'occurrence.due_at', 'occurrence.settled_at'])
      .orderBy(sql`lower(schedule.name)`)
      .limit(mostSchedules)
      .execute()
    return rows.flatMap(({ name, due_at: due, settled_at: settled }) =>
      settled === null ? [] : [{ name, lagS: Math.max(0, Date.parse(settled) - Date.parse(due)) / 1_000 }],
    )
  }

  /** When the newest backup of each kind on each node was made, as far as that is known: the oldest of them. */
  async function backups(): Promise<{ node: string; kind: string; newestAt: string }[]> {
    const rows = await db.read
      .selectFrom('repository')
      .innerJoin('node', 'node.id', 'repository.node_id')
      .select((all) => ['node.name as node', 'repository.kind', all.fn.min('newest_at').as('newest_at')])
      .where('newest_at', 'is not', null)
      .groupBy(['node.id', 'repository.kind'])
      .execute()
    return rows.flatMap(({ node, kind, newest_at: newestAt }) =>
      newestAt === null ? [] : [{ node, kind, newestAt }],
    )
  }

  async function findingsByNode(): Promise<Map<NodeId, Record<Severity, number>>> {
    const rows = await db.read
      .selectFrom('finding')
      .select(['node_id', 'severity', (all) => all.fn.countAll<number>().as('count')])
      .where('resolved_at', 'is', null)
      .where('acknowledged_at', 'is', null)
      .groupBy(['node_id', 'severity'])
      .execute()
    const counts = new Map<NodeId, Record<Severity, number>>()
    for (const { node_id, severity, count } of rows) {
      const before = counts.get(node_id) ?? { critical: 0, high: 0, warning: 0, info: 0 }
      counts.set(node_id, { ...before, [severity]: Number(count) })
    }
    return counts
  }

  /** Executions under way by state. */
  async function active(): Promise<Readonly<Record<(typeof activeStates)[number], number>>> {
    const rows = await db.read
      .selectFrom('execution')
      .select(['state', (all) => all.fn.countAll<number>().as('count')])
      .where('active', '=', 1)
      .groupBy('state')
      .execute()
    const none = { queued: 0, connecting: 0, running: 0, stopping: 0 }
    return { ...none, ...Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)])) }
  }

  /** Executions that were asked for since then and ended, by how. */
  async function endedSince(since: Date): Promise<Readonly<Record<FinalState, number>>> {
    const from = firstIdAt('exe', since)
    const counts: Record<string, number> = {}
    for (const state of finalStates) {
      const row = await db.read
        .selectFrom('execution')
        .select((all) => all.fn.countAll<number>().as('count'))
        .where('state', '=', state)
        .where('id', '>=', from)
        .where(isReal('id'))
        .executeTakeFirstOrThrow()
      counts[state] = Number(row.count)
    }
    return counts as Record<FinalState, number>
  }

  /** Findings that came and went since then. */
  async function findingsSince(since: Date): Promise<{ newFindings: number; recovered: number }> {
    const at = since.toISOString()
    const row = await db.read
      .selectFrom('finding')
      .select([
        sql<number>`coalesce(sum(first_seen_at >= ${at}), 0)`.as('fresh'),
        sql<number>`coalesce(sum(resolved_at >= ${at}), 0)`.as('recovered'),
      ])
      .where((is) => is.or([is('resolved_at', 'is', null), is('resolved_at', '>=', at)]))
      .where(isReal('node_id'))
      .executeTakeFirstOrThrow()
    return { newFindings: Number(row.fresh), recovered: Number(row.recovered) }
  }

  async function lastRunAt(): Promise<string | null> {
    const row = await db.read
      .selectFrom('execution')
      .select('id')
      .where(isReal('id'))
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row ? momentOf(row.id).toISOString() : null
  }

  async function runOf(id: string) {
    return db.read
      .selectFrom('execution')
      .select(['started_at', 'finished_at'])
      .where('id', '=', id as never)
      .executeTakeFirst()
  }

  /** Messages by state, and by kind of channel. */
  async function messages(): Promise<{ kind: string; state: string; count: number }[]> {
    const rows = await db.read
      .selectFrom('delivery')
      .innerJoin('channel', 'channel.id', 'delivery.channel_id')
      .select(['channel.kind', 'delivery.state', (all) => all.fn.countAll<number>().as('count')])
      .groupBy(['channel.kind', 'delivery.state'])
      .execute()
    return rows.map(({ kind, state, count }) => ({ kind, state, count: Number(count) }))
  }

  /** Tokens of this month by what they were. */
  async function tokensSince(
    day: string,
  ): Promise<Record<'input' | 'output' | 'cache_read' | 'cache_write', number>> {
    const row = await db.read
      .selectFrom('ai_call')
      .select([
        sql<number>`coalesce(sum(input), 0)`.as('input'),
        sql<number>`coalesce(sum(output), 0)`.as('output'),
        sql<number>`coalesce(sum(cache_read), 0)`.as('cache_read'),
        sql<number>`coalesce(sum(cache_write_5m), 0) + coalesce(sum(cache_write_1h), 0)`.as('cache_write'),
      ])
      .where('day', '>=', day)
      .executeTakeFirstOrThrow()
    return {
      input: Number(row.input),
      output: Number(row.output),
      cache_read: Number(row.cache_read),
      cache_write: Number(row.cache_write),
    }
  }

  /** What models cost since a day, by node. */
  async function costByNode(day: string): Promise<Map<string, number>> {
    const rows = await db.read
      .selectFrom('ai_call')
      .select(['node_id', (all) => all.fn.sum<number>('charged_nano_usd').as('cost')])
      .where('day', '>=', day)
      .where('node_id', 'is not', null)
      .groupBy('node_id')
      .execute()
    return new Map(rows.map(({ node_id, cost }) => [String(node_id), Number(cost)]))
  }

  return {
    nodes,
    places,
    scheduleLags,
    backups,
    active,
    endedSince,
    findingsSince,
    lastRunAt,
    runOf,
    messages,
    tokensSince,
    costByNode,
  }
}
export type Figures = ReturnType<typeof createFigures>
