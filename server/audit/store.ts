import type { Selectable } from 'kysely'
import type { Database, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import type { ChainedLine, Gap } from './chain.ts'

interface Narrowed {
  readonly action?: string | undefined
  readonly target?: string | undefined
}

interface PageOf {
  /** Lines before this one; null for the newest. */
  readonly before: number | null
  readonly limit: number
  readonly action: string | undefined
  readonly target: string | undefined
}

interface SealedGap extends Gap {
  readonly seal: string
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
  async function after(seq: number, limit: number, only: Narrowed = {}): Promise<ChainedLine[]> {
    let rows = db.read.selectFrom('audit').selectAll().where('seq', '>', seq).orderBy('seq').limit(limit)
    if (only.action !== undefined) rows = rows.where('action', '=', only.action)
    if (only.target !== undefined) rows = rows.where('target', '=', only.target)
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

  /** The oldest lines of some kinds that lie before an instant, in order. */
  async function oldest(
    tx: Tx,
    actions: readonly string[],
    at: string,
    limit: number,
  ): Promise<ChainedLine[]> {
    const rows = tx
      .selectFrom('audit')
      .selectAll()
      .where('action', 'in', actions)
      .where('at', '<', at)
      .orderBy('seq')
      .limit(limit)
    return (await rows.execute()).map(lineFromRow)
  }

  /** Removes lines in a row. */
  async function remove(tx: Tx, { firstSeq, lastSeq }: Gap): Promise<void> {
    await tx.deleteFrom('audit').where('seq', '>=', firstSeq).where('seq', '<=', lastSeq).execute()
  }

  async function insertGap(
    tx: Tx,
    { firstSeq, lastSeq, previousHash, hash, seal }: SealedGap,
  ): Promise<void> {
    const row = { first_seq: firstSeq, last_seq: lastSeq, previous_hash: previousHash, hash, seal }
    await tx.insertInto('audit_gap').values(row).execute()
  }

  async function gapAt(firstSeq: number): Promise<SealedGap | null> {
    const row = await db.read
      .selectFrom('audit_gap')
      .selectAll()
      .where('first_seq', '=', firstSeq)
      .executeTakeFirst()
    if (!row) return null
    const { last_seq: lastSeq, previous_hash: previousHash, hash, seal } = row
    return { firstSeq, lastSeq, previousHash, hash, seal }
  }

  async function removeGapsUpTo(tx: Tx, seq: number): Promise<void> {
    await tx.deleteFrom('audit_gap').where('last_seq', '<=', seq).execute()
  }

  return {
    oldest,
    remove,
    insertGap,
    gapAt,
    removeGapsUpTo,
    head,
    insert,
    page,
    after,
    lastBefore,
    removeUpTo,
  }
}

const lineFromRow = ({ previous_hash, ...row }: Selectable<Tables['audit']>): ChainedLine => ({
  ...row,
  previousHash: previous_hash,
})
