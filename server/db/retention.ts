import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database, Tx } from './database.ts'
import { sql } from 'kysely'

/** Executions removed in one transaction, with all that hangs on them: others get their turn in between. */
const executionsAtOnce = 100
/** Rows of one series removed in one transaction. */
const rowsAtOnce = 2_000
/** Pages given back to the file system at a time: 8 MiB. */
const pagesAtOnce = 2_000

export interface Swept {
  readonly executions: number
  /** Records of schedules. */
  readonly occurrences: number
  readonly metrics: number
  readonly samples: number
}

interface SweepTools {
  db: Database & { reclaim(pages: number): number }
  /** Ends the sweep between two steps. */
  signal?: AbortSignal
}

/**
 * Removes what ended or was measured before a moment, in small steps, and gives the space back. Executions under
 * way and findings that are open always stay.
 */
export async function sweepDatabase({ db, signal }: SweepTools, before: Date): Promise<Swept> {
  const limit = before.toISOString()
  const executions = await repeat(() => removeExecutions(db, limit), executionsAtOnce, signal)
  await db.write((tx) => tx.deleteFrom('firing').where('at', '<', limit).execute())
  await repeat(() => removeEmptyBatches(db, limit), executionsAtOnce, signal)
  await db.write((tx) => tx.deleteFrom('finding').where('resolved_at', '<', limit).execute())
  await db.write((tx) => removeOldTrash(tx, limit))
  const occurrences = await repeat(() => removeOccurrences(db, limit), rowsAtOnce, signal)
  const metrics = await removePoints(db, 'metric', limit, signal)
  const samples = await removePoints(db, 'sample', limit, signal)
  let free = Number.POSITIVE_INFINITY
  while (!signal?.aborted) {
    const left = db.reclaim(pagesAtOnce)
    if (left === 0 || left >= free) break
    free = left
    await nextTurn()
  }
  return { executions, occurrences, metrics, samples }
}

async function removeExecutions(db: Database, limit: string): Promise<number> {
  const old = db.read
    .selectFrom('execution')
    .select('id')
    .where('active', '=', 0)
    .where('finished_at', '<', limit)
    .orderBy('id')
    .limit(executionsAtOnce)
  const ids = (await old.execute()).map(({ id }) => id)
  if (ids.length === 0) return 0
  await db.write((tx) => tx.deleteFrom('execution').where('id', 'in', ids).where('active', '=', 0).execute())
  return ids.length
}

async function removeEmptyBatches(db: Database, limit: string): Promise<number> {
  const empty = db.read
    .selectFrom('batch')
    .select('id')
    .where('created_at', '<', limit)
    .where(sql<boolean>`not exists (select 1 from execution where execution.batch_id = batch.id)`)
    .limit(executionsAtOnce)
  const ids = (await empty.execute()).map(({ id }) => id)
  if (ids.length > 0) await db.write((tx) => tx.deleteFrom('batch').where('id', 'in', ids).execute())
  return ids.length
}

/** What came back or is gone for good; what is kept stays listed however long that is. */
async function removeOldTrash(tx: Tx, limit: string): Promise<void> {
  await tx
    .deleteFrom('trash')
    .where('state', 'in', ['restored', 'gone'])
    .where('removed_at', '<', limit)
    .execute()
  await tx
    .deleteFrom('approval')
    .where('plan_id', 'is', null)
    .where('state', '=', 'settled')
    .where('approved_at', '<', limit)
    .execute()
}

/** Whatever still waits stays. */
async function removeOccurrences(db: Database, limit: string): Promise<number> {
  const old = db.read
    .selectFrom('occurrence')
    .select('at')
    .where('at', '<', limit)
    .where('state', '!=', 'waiting')
    .orderBy('at')
    .limit(rowsAtOnce)
  const last = (await old.execute()).at(-1)?.at
  if (last === undefined) return 0
  const { numDeletedRows } = await db.write((tx) =>
    tx.deleteFrom('occurrence').where('at', '<=', last).where('state', '!=', 'waiting').executeTakeFirst(),
  )
  return Number(numDeletedRows)
}

/** What tells one series from another, in the order of its index. */
const seriesBy = {
  metric: ['node_id', 'name', 'labels'],
  sample: ['node_id', 'agent_id', 'key'],
} as const

/** Series by series, because each lies in one piece of the index, ordered by time. */
async function removePoints(
  db: Database,
  table: keyof typeof seriesBy,
  limit: string,
  signal?: AbortSignal,
): Promise<number> {
  const columns: readonly string[] = seriesBy[table]
  const refs = sql.join(columns.map((column) => sql.ref(column)))
  const { rows } = await sql<Record<string, string>>`select distinct ${refs} from ${sql.table(table)}`.execute(
    db.read,
  )
  let removed = 0
  for (const series of rows) {
    const isOfIt = sql<boolean>`${sql.join(
      columns.map((column) => sql`${sql.ref(column)} = ${series[column]}`),
      sql` and `,
    )}`
    const step = async () => {
      const old = db.read
        .selectFrom(table)
        .select('at')
        .where(isOfIt)
        .where('at', '<', limit)
        .orderBy('at')
        .limit(rowsAtOnce)
      const last = (await old.execute()).at(-1)?.at
      if (last === undefined) return 0
      const { numDeletedRows } = await db.write((tx) =>
        tx.deleteFrom(table).where(isOfIt).where('at', '<=', last).executeTakeFirst(),
      )
      return Number(numDeletedRows)
    }
    removed += await repeat(step, rowsAtOnce, signal)
  }
  return removed
}

/** Takes step after step until one finds less than a full share, letting everybody else in between. */
async function repeat(step: () => Promise<number>, share: number, signal?: AbortSignal): Promise<number> {
  for (let total = 0; ; ) {
    if (signal?.aborted) return total
    const done = await step()
    total += done
    await nextTurn()
    if (done < share) return total
  }
}
