import { type Kysely, type Selectable, sql } from 'kysely'
import type { BatchId, ScheduleId } from '../../contract/ids.ts'
import type {
  OccurrenceReason,
  OccurrenceState,
  ScheduleSpec,
  SettledOccurrence,
} from '../../contract/schedules.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import { batchCounts, noExecutions } from '../executions/batch-counts.ts'

type Reader = Kysely<Tables> | Tx

/** What is kept of a schedule in the open: all but who is told of what. */
export type StoredSpec = Omit<ScheduleSpec, 'notifications' | 'name' | 'paused'>

export interface StoredSchedule {
  readonly id: ScheduleId
  readonly name: string
  readonly spec: StoredSpec
  readonly notifications: Buffer | null
  readonly source: Buffer | null
  readonly paused: boolean
  readonly nextAt: string | null
  readonly nextDueAt: string | null
  readonly revision: number
  readonly createdBy: string
  readonly createdAt: string
  readonly updatedAt: string
}

export interface NewOccurrence {
  readonly scheduleId: ScheduleId
  readonly at: string
  readonly dueAt: string
  readonly state: OccurrenceState
  readonly reason: OccurrenceReason | null
  readonly detail: string | null
  readonly count: number
  readonly settledAt: string | null
  readonly batchId: BatchId | null
}

/** When a schedule fires next. */
export interface Next {
  readonly at: string
  readonly dueAt: string
}

/** Rows of one statement; the database takes no more than so many values. */
const rowsAtOnce = 1_000

type OccurrenceRow = Selectable<Tables['occurrence']>

export function createScheduleStore(db: Database) {
  async function find(id: ScheduleId, reader: Reader = db.read): Promise<StoredSchedule | undefined> {
    const row = await reader.selectFrom('schedule').selectAll().where('id', '=', id).executeTakeFirst()
    return row && fromRow(row)
  }

  async function findByName(name: string, reader: Reader = db.read): Promise<StoredSchedule | undefined> {
    const row = await reader
      .selectFrom('schedule')
      .selectAll()
      .where(sql<boolean>`lower(name) = lower(${name})`)
      .executeTakeFirst()
    return row && fromRow(row)
  }

  async function page(query: { afterName: string | null; limit: number; search: string | undefined }) {
    let rows = db.read.selectFrom('schedule').selectAll().orderBy(sql`lower(name)`).limit(query.limit)
    if (query.afterName !== null) rows = rows.where(sql<boolean>`lower(name) > lower(${query.afterName})`)
    if (query.search) {
      const pattern = `%${query.search.replace(/[\\%_]/g, '\\$&')}%`
      rows = rows.where(sql<boolean>`lower(name) like lower(${pattern}) escape '\\'`)
    }
    return (await rows.execute()).map(fromRow)
  }

  async function all(): Promise<StoredSchedule[]> {
    const rows = await db.read.selectFrom('schedule').selectAll().orderBy(sql`lower(name)`).execute()
    return rows.map(fromRow)
  }

  /** Those whose documents say who is told. */
  async function withNotifications(): Promise<StoredSchedule[]> {
    const rows = await db.read
      .selectFrom('schedule')
      .selectAll()
      .where('notifications', 'is not', null)
      .orderBy(sql`lower(name)`)
      .execute()
    return rows.map(fromRow)
  }

  async function insert(tx: Tx, schedule: StoredSchedule): Promise<void> {
    await tx
      .insertInto('schedule')
      .values({
        id: schedule.id,
        created_by: schedule.createdBy,
        created_at: schedule.createdAt,
        ...columnsOf(schedule),
      })
      .execute()
  }

  async function update(tx: Tx, schedule: StoredSchedule): Promise<void> {
    await tx.updateTable('schedule').set(columnsOf(schedule)).where('id', '=', schedule.id).execute()
  }

  async function remove(tx: Tx, id: ScheduleId): Promise<void> {
    await tx.deleteFrom('schedule').where('id', '=', id).execute()
  }

  /** What should have started by now, the longest due first. */
  async function due(now: string, limit: number): Promise<StoredSchedule[]> {
    const rows = await db.read
      .selectFrom('schedule')
      .selectAll()
      .where('next_due_at', '<=', now)
      .orderBy('next_due_at')
      .limit(limit)
      .execute()
    return rows.map(fromRow)
  }

  async function nextDueAt(): Promise<string | null> {
    const row = await db.read
      .selectFrom('schedule')
      .select((select) => select.fn.min('next_due_at').as('at'))
      .executeTakeFirst()
    return row?.at ?? null
  }

  /** Moves on to the next occurrence. False when somebody else has, or the schedule was changed: then nothing is done. */
  async function advance(tx: Tx, schedule: StoredSchedule, next: Next | null): Promise<boolean> {
    const changed = await tx
      .updateTable('schedule')
      .set({ next_at: next?.at ?? null, next_due_at: next?.dueAt ?? null })
      .where('id', '=', schedule.id)
      .where('revision', '=', schedule.revision)
      .where('next_at', schedule.nextAt === null ? 'is' : '=', schedule.nextAt)
      .executeTakeFirst()
    return changed.numUpdatedRows === 1n
  }

  /** Records occurrences. Returns those of them that were not there yet. */
  async function record<One extends NewOccurrence>(tx: Tx, occurrences: readonly One[]): Promise<One[]> {
    const added = new Set<string>()
    for (let first = 0; first < occurrences.length; first += rowsAtOnce) {
      const some = occurrences.slice(first, first + rowsAtOnce)
      for (const key of await recordSome(tx, some)) added.add(key)
    }
    return occurrences.filter(({ scheduleId, at }) => added.has(`${scheduleId} ${at}`))
  }

  async function recordSome(tx: Tx, occurrences: readonly NewOccurrence[]): Promise<string[]> {
    const rows = await tx
      .insertInto('occurrence')
      .values(
        occurrences.map((occurrence) => ({
          schedule_id: occurrence.scheduleId,
          at: occurrence.at,
          due_at: occurrence.dueAt,
          state: occurrence.state,
          reason: occurrence.reason,
          detail: occurrence.detail,
          count: occurrence.count,
          settled_at: occurrence.settledAt,
          batch_id: occurrence.batchId,
        })),
      )
      .onConflict((row) => row.doNothing())
      .returning(['schedule_id', 'at'])
      .execute()
    return rows.map((row) => `${row.schedule_id} ${row.at}`)
  }

  /** Settles an occurrence that waits; false when it does not wait any more. */
  async function settle(
    tx: Tx,
    { scheduleId, at }: Pick<NewOccurrence, 'scheduleId' | 'at'>,
    settled: Pick<NewOccurrence, 'state' | 'reason' | 'detail' | 'settledAt' | 'batchId'>,
  ): Promise<boolean> {
    const changed = await tx
      .updateTable('occurrence')
      .set({
        state: settled.state,
        reason: settled.reason,
        detail: settled.detail,
        settled_at: settled.settledAt,
        batch_id: settled.batchId,
      })
      .where('schedule_id', '=', scheduleId)
      .where('at', '=', at)
      .where('state', '=', 'waiting')
      .executeTakeFirst()
    return changed.numUpdatedRows === 1n
  }

  /** What waits for the run before, oldest first. */
  async function waiting(ids?: readonly ScheduleId[]): Promise<SettledOccurrence[]> {
    let rows = db.read.selectFrom('occurrence').selectAll().where('state', '=', 'waiting').orderBy('at')
    if (ids) rows = rows.where('schedule_id', 'in', ids)
    return (await rows.execute()).map((row) => occurrenceFrom(row))
  }

  /** How long the newest runs took that succeeded: agent and milliseconds. */
  async function lately(limit: number): Promise<{ agentId: string; ms: number }[]> {
    const rows = await db.read
      .selectFrom('execution')
      .select(['agent_id', 'started_at', 'finished_at'])
      .where('state', '=', 'succeeded')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
    return rows.flatMap(({ agent_id: agentId, started_at: from, finished_at: to }) =>
      from === null || to === null ? [] : [{ agentId, ms: Date.parse(to) - Date.parse(from) }],
    )
  }

  /** Which schedules have a run that has not ended. */
  async function active(): Promise<Set<ScheduleId>> {
    const rows = await db.read
      .selectFrom('execution')
      .innerJoin('occurrence', 'occurrence.batch_id', 'execution.batch_id')
      .select('occurrence.schedule_id')
      .distinct()
      .where('execution.active', '=', 1)
      .execute()
    return new Set(rows.map((row) => row.schedule_id))
  }

  /** Forgets what was recorded for times that are still to come and started nothing: a clock that was ahead did that. */
  async function forgetFuture(tx: Tx, now: string): Promise<void> {
    await tx.deleteFrom('occurrence').where('at', '>', now).where('batch_id', 'is', null).execute()
  }

  /** The last instant up to which occurrences of a schedule are recorded from one on, if there are any. */
  async function lastRecorded(tx: Reader, id: ScheduleId): Promise<string | null> {
    const row = await tx
      .selectFrom('occurrence')
      .select((select) => select.fn.max('at').as('at'))
      .where('schedule_id', '=', id)
      .executeTakeFirst()
    return row?.at ?? null
  }

  /** The newest occurrence of each, with what became of its executions. */
  async function latest(ids: readonly ScheduleId[]): Promise<Map<ScheduleId, SettledOccurrence>> {
    if (ids.length === 0) return new Map()
    const rows = await db.read
      .selectFrom('schedule')
      .innerJoin('occurrence', (join) =>
        join
          .onRef('occurrence.schedule_id', '=', 'schedule.id')
          .on(
            'occurrence.at',
            '=',
            sql<string>`(select max(at) from occurrence as newest where newest.schedule_id = schedule.id)`,
          ),
      )
      .selectAll('occurrence')
      .where('schedule.id', 'in', ids)
      .execute()
    return new Map((await withExecutions(rows)).map((one) => [one.scheduleId, one]))
  }

  async function occurrences(query: { id: ScheduleId; before: string | null; limit: number }) {
    let rows = db.read
      .selectFrom('occurrence')
      .selectAll()
      .where('schedule_id', '=', query.id)
      .orderBy('at', 'desc')
      .limit(query.limit)
    if (query.before !== null) rows = rows.where('at', '<', query.before)
    return withExecutions(await rows.execute())
  }

  async function between(from: string, to: string, limit: number): Promise<SettledOccurrence[]> {
    const rows = await db.read
      .selectFrom('occurrence')
      .selectAll()
      .where('at', '>=', from)
      .where('at', '<', to)
      .orderBy('at', 'desc')
      .limit(limit)
      .execute()
    return withExecutions(rows)
  }

  async function withExecutions(rows: readonly OccurrenceRow[]): Promise<SettledOccurrence[]> {
    const counts = await batchCounts(db.read, rows)
    return rows.map((row) => occurrenceFrom(row, row.batch_id ? counts.get(row.batch_id) : undefined))
  }

  return {
    find,
    findByName,
    page,
    all,
    withNotifications,
    insert,
    update,
    remove,
    due,
    nextDueAt,
    advance,
    record,
    settle,
    waiting,
    lately,
    active,
    forgetFuture,
    lastRecorded,
    latest,
    occurrences,
    between,
  }
}
export type ScheduleStore = ReturnType<typeof createScheduleStore>

function columnsOf(schedule: StoredSchedule) {
  return {
    name: schedule.name,
    spec: JSON.stringify(schedule.spec),
    notifications: schedule.notifications,
    source: schedule.source,
    paused: schedule.paused ? (1 as const) : (0 as const),
    next_at: schedule.nextAt,
    next_due_at: schedule.nextDueAt,
    revision: schedule.revision,
    updated_at: schedule.updatedAt,
  }
}

function fromRow(row: Selectable<Tables['schedule']>): StoredSchedule {
  return {
    id: row.id,
    name: row.name,
    spec: JSON.parse(row.spec) as StoredSpec,
    notifications: row.notifications,
    source: row.source,
    paused: row.paused === 1,
    nextAt: row.next_at,
    nextDueAt: row.next_due_at,
    revision: row.revision,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

const occurrenceFrom = (row: OccurrenceRow, executions = noExecutions): SettledOccurrence => ({
  scheduleId: row.schedule_id,
  at: row.at,
  dueAt: row.due_at,
  state: row.state,
  reason: row.reason,
  detail: row.detail,
  count: row.count,
  settledAt: row.settled_at,
  batchId: row.batch_id,
  executions,
})
