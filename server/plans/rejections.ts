import type { Kysely, Selectable } from 'kysely'
import type { AgentId, NodeId, PlanId, RejectionId } from '../../contract/ids.ts'
import type { Rejection } from '../../contract/plans.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'

type Reader = Kysely<Tables> | Tx

/** Whose rejections: those of one agent on one node. */
export interface Whose {
  readonly nodeId: NodeId
  readonly agentId: AgentId
}

/** A rejection with what tells that a change is the same one. */
export interface StoredRejection extends Rejection {
  readonly changeKey: string
}

/** Rejections that are remembered, so that the next run does not ask again. */
export function createRejectionStore(db: Database) {
  const rows = (reader: Reader) =>
    reader
      .selectFrom('rejection')
      .innerJoin('node', 'node.id', 'rejection.node_id')
      .selectAll('rejection')
      .select('node.name as node_name')

  /** Those of an agent on a node that hold at an instant, by change; what has run out is forgotten. */
  async function heldAt(tx: Tx, { nodeId, agentId }: Whose, at: string): Promise<Map<string, RejectionId>> {
    await tx.deleteFrom('rejection').where('node_id', '=', nodeId).where('until', '<=', at).execute()
    const found = await tx
      .selectFrom('rejection')
      .select(['id', 'change_key'])
      .where('node_id', '=', nodeId)
      .where('agent_id', '=', agentId)
      .execute()
    return new Map(found.map(({ id, change_key }) => [change_key, id]))
  }

  /** Remembers one, in the place of an earlier one of the same change. */
  async function remember(tx: Tx, rejection: Omit<StoredRejection, 'nodeName'>): Promise<void> {
    const { id, nodeId, agentId, changeKey, type, object, title, by, why, at, until } = rejection
    await tx
      .deleteFrom('rejection')
      .where('node_id', '=', nodeId)
      .where('agent_id', '=', agentId)
      .where('change_key', '=', changeKey)
      .execute()
    await tx
      .insertInto('rejection')
      .values({
        id,
        node_id: nodeId,
        agent_id: agentId,
        change_key: changeKey,
        type,
        object,
        title,
        by,
        why,
        at,
        until,
      })
      .execute()
  }

  async function find(tx: Tx, id: RejectionId): Promise<StoredRejection | undefined> {
    const row = await rows(tx).where('rejection.id', '=', id).executeTakeFirst()
    return row && fromRow(row)
  }

  async function forget(tx: Tx, id: RejectionId): Promise<void> {
    await tx.deleteFrom('rejection').where('id', '=', id).execute()
  }

  /** Lets changes wait again that are not asked because of a rejection, in the plans that still stand. */
  async function askAgain(tx: Tx, id: RejectionId): Promise<PlanId[]> {
    const found = await tx
      .selectFrom('plan_action')
      .innerJoin('plan', 'plan.id', 'plan_action.plan_id')
      .select('plan_action.plan_id')
      .distinct()
      .where('plan_action.rejection_id', '=', id)
      .where('plan_action.state', 'in', ['held', 'rejected'])
      .where('plan.superseded_by', 'is', null)
      .execute()
    const plans = found.map(({ plan_id }) => plan_id)
    if (plans.length > 0) {
      await tx
        .updateTable('plan_action')
        .set({ state: 'waiting', rejection_id: null, approval_id: null, decided_by: null, decided_at: null })
        .where('rejection_id', '=', id)
        .where('plan_id', 'in', plans)
        .where('state', 'in', ['held', 'rejected'])
        .execute()
    }
    return plans
  }

  async function page(query: {
    before: string | null
    limit: number
    at: string
    nodeId?: NodeId | undefined
  }): Promise<StoredRejection[]> {
    let wanted = rows(db.read)
      .where((is) => is.or([is('rejection.until', 'is', null), is('rejection.until', '>', query.at)]))
      .orderBy('rejection.id', 'desc')
      .limit(query.limit)
    if (query.before !== null) wanted = wanted.where('rejection.id', '<', query.before as RejectionId)
    if (query.nodeId) wanted = wanted.where('rejection.node_id', '=', query.nodeId)
    return (await wanted.execute()).map(fromRow)
  }

  return { heldAt, remember, find, forget, askAgain, page }
}
export type RejectionStore = ReturnType<typeof createRejectionStore>

const fromRow = (row: Selectable<Tables['rejection']> & { node_name: string }): StoredRejection => ({
  id: row.id,
  nodeId: row.node_id,
  nodeName: row.node_name,
  agentId: row.agent_id,
  changeKey: row.change_key,
  type: row.type,
  object: row.object,
  title: row.title,
  by: row.by,
  why: row.why,
  at: row.at,
  until: row.until,
})
