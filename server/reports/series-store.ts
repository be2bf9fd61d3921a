import { type Selectable, sql } from 'kysely'
import type { NodeId } from '../../contract/ids.ts'
import type { Metric } from '../../contract/reports.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import { canonicalLabels } from './collected.ts'
import type { StoredSample } from './history.ts'
import type { Owner } from './store.ts'

/** Rows of one statement: SQLite takes 32,766 values. */
const rowsAtOnce = 1_000
/** Series of one name that a node can show at once; a node that makes up more shows no more. */
const sameNameMax = 50

/** Keeps what grows with every run: samples that agents ask for, and metrics. */
export function createSeriesStore(db: Database) {
  async function insertSamples(
    tx: Tx,
    { nodeId, agentId }: Owner,
    at: string,
    samples: readonly { readonly key: string; readonly value: unknown }[],
  ): Promise<void> {
    const rows = samples.map(({ key, value }) => ({
      node_id: nodeId,
      agent_id: agentId,
      key,
      at,
      value: JSON.stringify(value),
    }))
    for (const some of inParts(rows)) {
      await tx
        .insertInto('sample')
        .values(some)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
  }

  async function sampleMoments({ nodeId, agentId }: Owner, key: string, limit: number): Promise<string[]> {
    const rows = await db.read
      .selectFrom('sample')
      .select('at')
      .where('node_id', '=', nodeId)
      .where('agent_id', '=', agentId)
      .where('key', '=', key)
      .orderBy('at', 'desc')
      .limit(limit)
      .execute()
    return rows.map(({ at }) => at).reverse()
  }

  async function samplesAt(
    { nodeId, agentId }: Owner,
    key: string,
    moments: readonly string[],
  ): Promise<StoredSample[]> {
    if (moments.length === 0) return []
    return db.read
      .selectFrom('sample')
      .select(['at', 'value'])
      .where('node_id', '=', nodeId)
      .where('agent_id', '=', agentId)
      .where('key', '=', key)
      .where('at', 'in', moments)
      .orderBy('at')
      .execute()
  }

  async function insertMetrics(
    tx: Tx,
    nodeId: NodeId,
    at: string,
    metrics: readonly Metric[],
  ): Promise<void> {
    const rows = metrics.map(({ name, value, unit, labels }) => ({
      node_id: nodeId,
      name: name.toWellFormed(),
      labels: canonicalLabels(labels),
      at,
      value,
      unit: unit.toWellFormed(),
    }))
    for (const some of inParts(rows)) {
      await tx
        .insertInto('metric')
        .values(some)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
  }

  /** The series a node has, by name and labels; one jump through the index for each, whatever its length. */
  async function seriesNames(nodeId: NodeId, name: string | undefined, limit: number) {
    const found: { name: string; labels: string }[] = []
    while (found.length < limit) {
      const last = found.at(-1)
      let next = db.read.selectFrom('metric').select(['name', 'labels']).where('node_id', '=', nodeId)
      if (name !== undefined) next = next.where('name', '=', name)
      if (last) {
        next = next.where((is) => is(is.refTuple('name', 'labels'), '>', is.tuple(last.name, last.labels)))
      }
      const row = await next.orderBy('name').orderBy('labels').limit(1).executeTakeFirst()
      if (!row) break
      found.push(row)
    }
    return found
  }

  /** The newest points of one series, oldest first. */
  async function points(
    nodeId: NodeId,
    series: { name: string; labels: string },
    since: string | undefined,
    limit: number,
  ) {
    let rows = db.read
      .selectFrom('metric')
      .select(['at', 'value', 'unit'])
      .where('node_id', '=', nodeId)
      .where('name', '=', series.name)
      .where('labels', '=', series.labels)
    if (since !== undefined) rows = rows.where('at', '>=', since)
    return (await rows.orderBy('at', 'desc').limit(limit).execute()).reverse()
  }

  async function latest(names: readonly string[], nodes: readonly NodeId[] | undefined) {
    return (await latestQuery(names, nodes).execute(db.read)).rows
  }

  return { insertSamples, sampleMoments, samplesAt, insertMetrics, seriesNames, points, latest }
}

type LatestRow = Omit<Selectable<Tables['metric']>, 'node_id'> & { readonly node_id: NodeId }

/**
 * The newest point of each series with one of these names. It jumps from labels to labels through the index, so what
 * it costs grows with the series and not with their points.
 */
export function latestQuery(names: readonly string[], nodes: readonly NodeId[] | undefined) {
  const wanted = sql.join(names.map((name) => sql`(${name})`))
  const among = nodes ? sql`where node.id in (${sql.join(nodes)})` : sql``
  return sql<LatestRow>`
    with recursive
      wanted (name) as (values ${wanted}),
      series (node_id, name, labels, place) as (
        select node.id, wanted.name,
          (select min(labels) from metric where node_id = node.id and name = wanted.name), 1
        from node cross join wanted ${among}
        union all
        select node_id, name,
          (select min(labels) from metric
            where node_id = series.node_id and name = series.name and labels > series.labels), place + 1
        from series where labels is not null and place < ${sameNameMax}
      )
    select metric.node_id, metric.name, metric.labels, metric.at, metric.value, metric.unit
    -- A cross join keeps its order: metric may not come first, whatever the planner takes its size for.
    from series cross join metric
    where metric.node_id = series.node_id and metric.name = series.name and metric.labels = series.labels
      and metric.at = (select max(at) from metric
        where node_id = series.node_id and name = series.name and labels = series.labels)
    order by series.node_id, series.name, series.labels`
}

function* inParts<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let from = 0; from < rows.length; from += rowsAtOnce) yield rows.slice(from, from + rowsAtOnce)
}
