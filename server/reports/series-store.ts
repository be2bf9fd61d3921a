import type { NodeId } from '../../contract/ids.ts'
import type { Metric } from '../../contract/reports.ts'
import type { Database, Tx } from '../db/database.ts'
import { canonicalLabels } from './collected.ts'
import type { StoredSample } from './history.ts'
import type { Owner } from './store.ts'

/** Rows of one statement: SQLite takes 32,766 values. */
const rowsAtOnce = 1_000

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

  return { insertSamples, sampleMoments, samplesAt, insertMetrics, seriesNames, points }
}

function* inParts<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let from = 0; from < rows.length; from += rowsAtOnce) yield rows.slice(from, from + rowsAtOnce)
}
