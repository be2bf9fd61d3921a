import type { Selectable } from 'kysely'
import type { Database, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import type { ChainedLine } from './chain.ts'

interface PageOf {
  /** Lines before this one; null for the newest. */
  readonly before: number | null
  readonly limit: number
  readonly action: string | undefined
  readonly target: string | undefined
}

/** SQL for the audit trail. Nothing here changes a line. */
export function createAuditStore(db: Database) {
  /** The newest line, which the next one is chained to. */
  async function head(tx: Tx | Database['read']): Promise<Pick<ChainedLine, 'seq' | 'hash'> | undefined> {
    return tx.selectFrom('audit').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1).executeTakeFirst()
  }

  async function insert(tx: Tx, { previousHash, ...line }: ChainedLine): Promise<void> {
    await tx
      .insertInto('audit')
      .values({ ...line, previous_hash: previousHash })
      .execute()
  }

  /** Newest first. */
  async function page({ before, limit, action, target }: PageOf): Promise<ChainedLine[]> {
    let rows = db.read.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(limit)
    if (before !== null) rows = rows.where('seq', '<', before)
    if (action !== undefined) rows = rows.where('action', '=', action)
    if (target !== undefined) rows = rows.where('target', '=', target)
    return (await rows.execute()).map(lineFromRow)
  }

  /** In order, from behind `seq` on. */
  async function after(seq: number, limit: number): Promise<ChainedLine[]> {
    const rows = db.read.selectFrom('audit').selectAll().where('seq', '>', seq).orderBy('seq').limit(limit)
    return (await rows.execute()).map(lineFromRow)
  }

  /** The newest of the lines that all lie before an instant; undefined when the oldest is younger. */
  async function lastBefore(tx: Tx, at: string): Promise<Pick<ChainedLine, 'seq' | 'hash'> | undefined> {
    const kept = await tx
      .selectFrom('audit')
      .select('seq')
      .where('at', '>=', at)
      .orderBy('seq')
      .limit(1)
      .executeTakeFirst()
    let rows = tx.selectFrom('audit').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1)
    if (kept) rows = rows.where('seq', '<', kept.seq)
    return rows.executeTakeFirst()
  }

  /** Removes from the old end; says how many went. */
  async function removeUpTo(tx: Tx, seq: number): Promise<number> {
    const { numDeletedRows } = await tx.deleteFrom('audit').where('seq', '<=', seq).executeTakeFirst()
    return Number(numDeletedRows)
  }

  return { head, insert, page, after, lastBefore, removeUpTo }
}

const lineFromRow = ({ previous_hash, ...row }: Selectable<Tables['audit']>): ChainedLine => ({
  ...row,
  previousHash: previous_hash,
})
