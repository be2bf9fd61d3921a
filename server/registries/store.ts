import type { NodeId } from '../../contract/ids.ts'
import type { Database, Tx } from '../db/database.ts'

/** Why a look brought nothing. */
export const troubles = ['closed', 'gone', 'busy', 'refused', 'failed'] as const
export type Trouble = (typeof troubles)[number]

/** What is known of one tag. */
export interface Kept {
  readonly digest: string | null
  readonly digestSince: string | null
  readonly goneLooks: number
  readonly trouble: Trouble | null
  readonly lookedAt: string
  readonly nextAt: string
}

export interface KeptTags {
  readonly tags: readonly string[]
  readonly isComplete: boolean
  readonly nextAt: string
}

/** Who asked: this server, or a node by itself. */
export type AskedFrom = NodeId | 'server'

/** SQL for what registries said. */
export function createRegistryStore(db: Database) {
  async function find(askedFrom: AskedFrom, reference: string): Promise<Kept | null> {
    const row = await db.read
      .selectFrom('registry_answer')
      .selectAll()
      .where('asked_from', '=', toColumn(askedFrom))
      .where('reference', '=', reference)
      .executeTakeFirst()
    if (!row) return null
    return {
      digest: row.digest,
      digestSince: row.digest_since,
      goneLooks: row.gone_looks,
      trouble: troubles.find((one) => one === row.trouble) ?? null,
      lookedAt: row.looked_at,
      nextAt: row.next_at,
    }
  }

  async function put(tx: Tx, askedFrom: AskedFrom, reference: string, kept: Kept): Promise<void> {
    const values = {
      digest: kept.digest,
      digest_since: kept.digestSince,
      gone_looks: kept.goneLooks,
      trouble: kept.trouble,
      looked_at: kept.lookedAt,
      next_at: kept.nextAt,
    }
    await tx
      .insertInto('registry_answer')
      .values({ asked_from: toColumn(askedFrom), reference, ...values })
      .onConflict((row) => row.columns(['asked_from', 'reference']).doUpdateSet(values))
      .execute()
  }

  async function findTags(repository: string): Promise<KeptTags | null> {
    const row = await db.read
      .selectFrom('registry_tags')
      .selectAll()
      .where('repository', '=', repository)
      .executeTakeFirst()
    if (!row) return null
    return { tags: JSON.parse(row.tags) as string[], isComplete: row.complete === 1, nextAt: row.next_at }
  }

  async function putTags(tx: Tx, repository: string, lookedAt: string, kept: KeptTags): Promise<void> {
    const values = {
      tags: JSON.stringify(kept.tags),
      complete: kept.isComplete ? (1 as const) : (0 as const),
      looked_at: lookedAt,
      next_at: kept.nextAt,
    }
    await tx
      .insertInto('registry_tags')
      .values({ repository, ...values })
      .onConflict((row) => row.column('repository').doUpdateSet(values))
      .execute()
  }

  async function findPause(host: string): Promise<string | null> {
    const row = await db.read
      .selectFrom('registry_pause')
      .select('until')
      .where('host', '=', host)
      .executeTakeFirst()
    return row?.until ?? null
  }

  async function putPause(tx: Tx, host: string, until: string): Promise<void> {
    await tx
      .insertInto('registry_pause')
      .values({ host, until })
      .onConflict((row) => row.column('host').doUpdateSet({ until }))
      .execute()
  }

  /** Forgets what nobody has asked about for long. */
  async function forget(tx: Tx, before: string): Promise<void> {
    await tx.deleteFrom('registry_answer').where('looked_at', '<', before).execute()
    await tx.deleteFrom('registry_tags').where('looked_at', '<', before).execute()
    await tx.deleteFrom('registry_pause').where('until', '<', before).execute()
  }

  return { find, put, findTags, putTags, findPause, putPause, forget }
}
export type RegistryStore = ReturnType<typeof createRegistryStore>

const toColumn = (askedFrom: AskedFrom): NodeId | '' => (askedFrom === 'server' ? '' : askedFrom)
