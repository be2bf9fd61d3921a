import { type Kysely, type Selectable, sql } from 'kysely'
import type { ExecutionId, FiringId, OccasionId, TriggerId } from '../../contract/ids.ts'
import type { Firing, FiringCause, NearMiss, TriggerSpec } from '../../contract/triggers.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import { batchCounts, noExecutions } from '../executions/batch-counts.ts'
import type { Occasion } from '../occasions/occasions.ts'

type Reader = Kysely<Tables> | Tx

export interface StoredTrigger {
  readonly id: TriggerId
  readonly name: string
  readonly spec: Omit<TriggerSpec, 'name' | 'paused'>
  readonly paused: boolean
  readonly hookHash: string | null
  readonly hookSecret: Buffer | null
  readonly nearMiss: NearMiss | null
  readonly createdBy: string
  readonly createdAt: string
  readonly updatedAt: string
}

export interface FreshOccasion {
  readonly id: OccasionId
  readonly at: string
  readonly body: Occasion
}

export interface NewFiring extends Omit<Firing, 'executions'> {
  /** The occasion; a word of its own where a person fired it. */
  readonly occasionId: string
  readonly scope: string
  /** The triggers that led here, oldest first, this one left out. */
  readonly path: readonly TriggerId[]
}

/** Firings that started nothing and are kept of each trigger. */
const heldKept = 200
/** Approved changes that follow one from the other; more would be a loop of its own. */
const mostApprovals = 10

export function createTriggerStore(db: Database) {
  async function find(id: TriggerId, reader: Reader = db.read): Promise<StoredTrigger | undefined> {
    const row = await reader.selectFrom('trigger').selectAll().where('id', '=', id).executeTakeFirst()
    return row && fromRow(row)
  }

  async function findByName(name: string, reader: Reader = db.read): Promise<StoredTrigger | undefined> {
    const row = await reader
      .selectFrom('trigger')
      .selectAll()
      .where(sql<boolean>`lower(name) = lower(${name})`)
      .executeTakeFirst()
    return row && fromRow(row)
  }

  async function findByHook(hash: string): Promise<StoredTrigger | undefined> {
    const row = await db.read
      .selectFrom('trigger')
      .selectAll()
      .where('hook_hash', '=', hash)
      .executeTakeFirst()
    return row && fromRow(row)
  }

  async function all(reader: Reader = db.read): Promise<StoredTrigger[]> {
    const rows = await reader.selectFrom('trigger').selectAll().orderBy(sql`lower(name)`).execute()
    return rows.map(fromRow)
  }

  async function insert(tx: Tx, trigger: StoredTrigger): Promise<void> {
    const { id, createdBy, createdAt } = trigger
    await tx
      .insertInto('trigger')
      .values({ id, created_by: createdBy, created_at: createdAt, ...columnsOf(trigger) })
      .execute()
  }

  async function update(tx: Tx, trigger: StoredTrigger): Promise<void> {
    await tx.updateTable('trigger').set(columnsOf(trigger)).where('id', '=', trigger.id).execute()
  }

  async function remove(tx: Tx, id: TriggerId): Promise<void> {
    await tx.deleteFrom('trigger').where('id', '=', id).execute()
  }

  async function noteMiss(tx: Tx, id: TriggerId, miss: NearMiss): Promise<void> {
    await tx
      .updateTable('trigger')
      .set({ near_miss: JSON.stringify(miss) })
      .where('id', '=', id)
      .execute()
  }

  /** What nobody has looked at yet, oldest first. */
  async function fresh(tx: Tx, limit: number): Promise<FreshOccasion[]> {
    const rows = await tx
      .selectFrom('occasion')
      .selectAll()
      .orderBy('at')
      .orderBy(sql`rowid`)
      .limit(limit)
      .execute()
    return rows.map(({ id, at, body }) => ({ id, at, body: JSON.parse(body) as Occasion }))
  }

  async function takeAway(tx: Tx, ids: readonly OccasionId[]): Promise<void> {
    if (ids.length > 0) await tx.deleteFrom('occasion').where('id', 'in', ids).execute()
  }

  /** Records what came of an occasion; false when that is recorded already. */
  async function record(tx: Tx, firing: NewFiring): Promise<boolean> {
    const added = await tx
      .insertInto('firing')
      .values({
        id: firing.id,
        trigger_id: firing.triggerId,
        occasion_id: firing.occasionId,
        at: firing.at,
        state: firing.state,
        reason: firing.reason,
        detail: firing.detail,
        cause: JSON.stringify(firing.cause),
        scope: firing.scope,
        path: JSON.stringify(firing.path),
        batch_id: firing.batchId,
      })
      .onConflict((row) => row.columns(['trigger_id', 'occasion_id']).doNothing())
      .executeTakeFirst()
    if (firing.state !== 'started') await dropOldHeld(tx, firing.triggerId)
    return added.numInsertedOrUpdatedRows === 1n
  }

  async function dropOldHeld(tx: Tx, id: TriggerId): Promise<void> {
    const oldest = await tx
      .selectFrom('firing')
      .select('id')
      .where('trigger_id', '=', id)
      .where('state', '!=', 'started')
      .orderBy('id', 'desc')
      .offset(heldKept)
      .limit(1)
      .executeTakeFirst()
    if (!oldest) return
    await tx
      .deleteFrom('firing')
      .where('trigger_id', '=', id)
      .where('state', '!=', 'started')
      .where('id', '<=', oldest.id)
      .execute()
  }

  /** When a trigger last started something within a cool-down. */
  async function lastStartedAt(tx: Tx, id: TriggerId, scope: string): Promise<string | null> {
    const row = await tx
      .selectFrom('firing')
      .select('at')
      .where('trigger_id', '=', id)
      .where('state', '=', 'started')
      .where('scope', '=', scope)
      .orderBy('id', 'desc')
      .executeTakeFirst()
    return row?.at ?? null
  }

  /**
   * The triggers that led to an execution, oldest first. A run that makes approved changes goes on where the run that
   * proposed them stands.
   */
  async function pathTo(tx: Tx, id: ExecutionId): Promise<TriggerId[]> {
    let current: ExecutionId = id
    for (let step = 0; step < mostApprovals; step++) {
      const execution = await tx
        .selectFrom('execution')
        .leftJoin('approval', 'approval.id', 'execution.approval_id')
        .leftJoin('plan', 'plan.id', 'approval.plan_id')
        .select(['execution.batch_id', 'plan.execution_id as proposed_by'])
        .where('execution.id', '=', current)
        .executeTakeFirst()
      if (!execution) return []
      const firing =
        execution.batch_id === null
          ? undefined
          : await tx
              .selectFrom('firing')
              .select(['trigger_id', 'path'])
              .where('batch_id', '=', execution.batch_id)
              .executeTakeFirst()
      if (firing) return [...(JSON.parse(firing.path) as TriggerId[]), firing.trigger_id]
      if (execution.proposed_by === null) return []
      current = execution.proposed_by
    }
    return []
  }

  async function firings(query: { id: TriggerId; before: string | null; limit: number }): Promise<Firing[]> {
    let rows = db.read
      .selectFrom('firing')
      .selectAll()
      .where('trigger_id', '=', query.id)
      .orderBy('id', 'desc')
      .limit(query.limit)
    if (query.before !== null) rows = rows.where('id', '<', query.before as FiringId)
    return withExecutions(await rows.execute())
  }

  /** The newest firing of each, or the newest that started something. */
  async function latest(startedOnly: boolean): Promise<Map<TriggerId, Firing>> {
    const newest = db.read
      .selectFrom('firing')
      .select((select) => select.fn.max('id').as('id'))
      .$if(startedOnly, (found) => found.where('state', '=', 'started'))
      .groupBy('trigger_id')
    const rows = await db.read.selectFrom('firing').selectAll().where('id', 'in', newest).execute()
    return new Map((await withExecutions(rows)).map((one) => [one.triggerId, one]))
  }

  async function withExecutions(rows: readonly Selectable<Tables['firing']>[]): Promise<Firing[]> {
    const counts = await batchCounts(db.read, rows)
    return rows.map((row) => ({
      id: row.id,
      triggerId: row.trigger_id,
      at: row.at,
      state: row.state,
      reason: row.reason,
      detail: row.detail,
      cause: JSON.parse(row.cause) as FiringCause,
      batchId: row.batch_id,
      executions: (row.batch_id && counts.get(row.batch_id)) || noExecutions,
    }))
  }

  /** Remembers a call; false when it came before. What is older than `before` is forgotten. */
  async function noteCall(tx: Tx, id: TriggerId, key: string, at: string, before: string): Promise<boolean> {
    await tx.deleteFrom('hook_call').where('trigger_id', '=', id).where('at', '<', before).execute()
    const added = await tx
      .insertInto('hook_call')
      .values({ trigger_id: id, key, at })
      .onConflict((row) => row.doNothing())
      .executeTakeFirst()
    return added.numInsertedOrUpdatedRows === 1n
  }

  return {
    find,
    findByName,
    findByHook,
    all,
    insert,
    update,
    remove,
    noteMiss,
    fresh,
    takeAway,
    record,
    lastStartedAt,
    pathTo,
    firings,
    latest,
    noteCall,
  }
}
export type TriggerStore = ReturnType<typeof createTriggerStore>

const columnsOf = (trigger: StoredTrigger) => ({
  name: trigger.name,
  spec: JSON.stringify(trigger.spec),
  paused: trigger.paused ? (1 as const) : (0 as const),
  hook_hash: trigger.hookHash,
  hook_secret: trigger.hookSecret,
  near_miss: trigger.nearMiss && JSON.stringify(trigger.nearMiss),
  updated_at: trigger.updatedAt,
})

const fromRow = (row: Selectable<Tables['trigger']>): StoredTrigger => ({
  id: row.id,
  name: row.name,
  spec: JSON.parse(row.spec) as StoredTrigger['spec'],
  paused: row.paused === 1,
  hookHash: row.hook_hash,
  hookSecret: row.hook_secret,
  nearMiss: row.near_miss === null ? null : (JSON.parse(row.near_miss) as NearMiss),
  createdBy: row.created_by,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})
