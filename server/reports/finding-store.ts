import { type Kysely, type Selectable, sql } from 'kysely'
import type { NodeId } from '../../contract/ids.ts'
import type { Finding } from '../../contract/reports.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import type { KeptFinding } from './findings.ts'
import { rankOf } from './rank.ts'
import type { Owner } from './store.ts'

type Reader = Kysely<Tables> | Tx

/** Where a list of open findings goes on: behind `skip` findings of one agent on one node that are equally placed. */
export interface FindingPlace {
  readonly rank: number
  readonly lastSeenAt: string
  readonly nodeId: string
  readonly agentId: string
  readonly skip: number
}

export function createFindingStore(db: Database) {
  /** What is open, and what is kept under these keys though resolved. */
  async function findingsToSettle(
    tx: Tx,
    { nodeId, agentId }: Owner,
    keys: readonly string[],
  ): Promise<KeptFinding[]> {
    const rows = await tx
      .selectFrom('finding')
      .selectAll()
      .where('node_id', '=', nodeId)
      .where('agent_id', '=', agentId)
      .where((is) =>
        is.or([is('resolved_at', 'is', null), ...(keys.length > 0 ? [is('key', 'in', keys)] : [])]),
      )
      .execute()
    return rows.map(keptFromRow)
  }

  async function saveFindings(tx: Tx, findings: readonly KeptFinding[]): Promise<void> {
    for (const finding of findings) {
      const { node_id, agent_id, key, ...columns } = rowFrom(finding)
      await tx
        .insertInto('finding')
        .values({ node_id, agent_id, key, ...columns })
        .onConflict((conflict) => conflict.columns(['node_id', 'agent_id', 'key']).doUpdateSet(columns))
        .execute()
    }
  }

  /** Findings of an agent on a node by their keys, resolved ones too. */
  async function findingsByKey({ nodeId, agentId }: Owner, keys: readonly string[]): Promise<KeptFinding[]> {
    if (keys.length === 0) return []
    const rows = await db.read
      .selectFrom('finding')
      .selectAll()
      .where('node_id', '=', nodeId)
      .where('agent_id', '=', agentId)
      .where('key', 'in', keys.slice(0, 100))
      .execute()
    return rows.map(keptFromRow)
  }

  async function findFinding(
    { nodeId, agentId }: Owner,
    key: string,
    reader: Reader = db.read,
  ): Promise<KeptFinding | undefined> {
    const row = await reader
      .selectFrom('finding')
      .selectAll()
      .where('node_id', '=', nodeId)
      .where('agent_id', '=', agentId)
      .where('key', '=', key)
      .executeTakeFirst()
    return row && keptFromRow(row)
  }

  async function acknowledge(
    tx: Tx,
    { nodeId, agentId }: Owner,
    key: string,
    by: string,
    at: string,
  ): Promise<void> {
    await tx
      .updateTable('finding')
      .set({ acknowledged_at: at, acknowledged_by: by })
      .where('node_id', '=', nodeId)
      .where('agent_id', '=', agentId)
      .where('key', '=', key)
      .execute()
  }

  /** Acknowledgements that stand now, by key, each with the beginning of the life of its finding. */
  async function acknowledgements({ nodeId, agentId }: Owner) {
    const rows = await db.read
      .selectFrom('finding')
      .select(['key', 'first_seen_at', 'acknowledged_at', 'acknowledged_by'])
      .where('node_id', '=', nodeId)
      .where('agent_id', '=', agentId)
      .where('acknowledged_at', 'is not', null)
      .execute()
    return new Map(rows.map((row) => [row.key, row]))
  }

  /**
   * Findings of one rank, those seen last first, from behind a place on. Sorted by columns of the index alone as far
   * as they go, so that the list stays quick however long it is.
   */
  async function findingsOfRank(query: {
    rank: number
    open: boolean
    nodeId: NodeId | undefined
    from: FindingPlace | null
    limit: number
  }): Promise<KeptFinding[]> {
    const { rank, open, nodeId, from, limit } = query
    // The sum keeps the planner from the index by rank, which holds all nodes, when one node's own few rows do.
    const ofRank = nodeId ? sql<number>`severity_rank + 0` : sql<number>`severity_rank`
    let rows = db.read
      .selectFrom('finding')
      .selectAll()
      .where(ofRank, '=', rank)
      .where('resolved_at', open ? 'is' : 'is not', null)
      .orderBy('last_seen_at', 'desc')
      .orderBy('node_id')
      .orderBy('agent_id')
      .orderBy('key')
      .limit(limit)
    if (nodeId) rows = rows.where('node_id', '=', nodeId)
    if (from) {
      const { lastSeenAt, nodeId: fromNode, agentId } = from
      rows = rows
        .where('last_seen_at', '<=', lastSeenAt)
        .where((is) =>
          is.or([
            is('last_seen_at', '<', lastSeenAt),
            is('node_id', '>', fromNode as NodeId),
            is.and([is('node_id', '=', fromNode as NodeId), is('agent_id', '>=', agentId)]),
          ]),
        )
        .offset(from.skip)
    }
    return (await rows.execute()).map(keptFromRow)
  }

  /** Open findings that nobody has acknowledged, by node and severity. */
  async function countFindings(nodeIds: readonly NodeId[]) {
    if (nodeIds.length === 0) return []
    return db.read
      .selectFrom('finding')
      .select(['node_id', 'severity', (count) => count.fn.countAll<number>().as('count')])
      .where('node_id', 'in', nodeIds)
      .where('resolved_at', 'is', null)
      .where('acknowledged_at', 'is', null)
      .groupBy(['node_id', 'severity'])
      .execute()
  }

  return {
    findingsToSettle,
    saveFindings,
    findFinding,
    findingsByKey,
    acknowledge,
    acknowledgements,
    findingsOfRank,
    countFindings,
  }
}

function keptFromRow(row: Selectable<Tables['finding']>): KeptFinding {
  return {
    key: row.key,
    rule: row.rule,
    severity: row.severity,
    subject: row.subject,
    title: row.title,
    evidence: JSON.parse(row.evidence) as Record<string, unknown>,
    fix: row.fix,
    confidence: row.confidence as Finding['confidence'],
    state: row.state,
    nodeId: row.node_id,
    agentId: row.agent_id,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    resolvedAt: row.resolved_at,
    acknowledgedAt: row.acknowledged_at,
    acknowledgedBy: row.acknowledged_by,
    executionId: row.execution_id,
    absentRuns: row.absent_runs,
  }
}

function rowFrom(finding: KeptFinding) {
  return {
    node_id: finding.nodeId,
    agent_id: finding.agentId,
    key: finding.key,
    rule: finding.rule,
    severity: finding.severity,
    severity_rank: rankOf(finding.severity),
    subject: finding.subject,
    title: finding.title,
    evidence: JSON.stringify(finding.evidence),
    fix: finding.fix,
    confidence: finding.confidence,
    state: finding.state,
    first_seen_at: finding.firstSeenAt,
    last_seen_at: finding.lastSeenAt,
    resolved_at: finding.resolvedAt,
    absent_runs: finding.absentRuns,
    acknowledged_at: finding.acknowledgedAt,
    acknowledged_by: finding.acknowledgedBy,
    execution_id: finding.executionId,
  }
}
