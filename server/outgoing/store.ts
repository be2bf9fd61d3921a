import type { ErrorCode } from '../../contract/errors.ts'
import { errorCode } from '../../contract/errors.ts'
import { type OutgoingPurpose, outgoingPurpose } from '../../contract/outgoing.ts'
import type { Database, Tx } from '../db/database.ts'

/** How the last request to a host ended. */
export type LastResult =
  | { readonly status: number }
  | { readonly connected: true }
  | { readonly code: ErrorCode }

interface Contact {
  readonly purpose: OutgoingPurpose
  readonly host: string
  readonly at: string
  readonly result: LastResult
}

/** Hosts kept; the ones talked to longest ago go first. Whoever redirects us around must not fill the disk. */
const mostContacts = 200

/** SQL for what the server talked to. */
export function createOutgoingStore(db: Database) {
  async function put(tx: Tx, { purpose, host, at, result }: Contact): Promise<void> {
    const last = { last_at: at, last_result: toText(result) }
    await tx
      .insertInto('outgoing_contact')
      .values({ purpose, host, ...last })
      .onConflict((row) => row.columns(['purpose', 'host']).doUpdateSet(last))
      .execute()
    const kept = tx
      .selectFrom('outgoing_contact')
      .select('last_at')
      .orderBy('last_at', 'desc')
      .limit(1)
      .offset(mostContacts - 1)
    await tx.deleteFrom('outgoing_contact').where('last_at', '<', kept).execute()
  }

  async function all(): Promise<Contact[]> {
    const rows = await db.read.selectFrom('outgoing_contact').selectAll().execute()
    return rows.flatMap(({ purpose, host, last_at: at, last_result }) => {
      const known = outgoingPurpose.safeParse(purpose)
      const result = toResult(last_result)
      // Of another version.
      return known.success && result ? [{ purpose: known.data, host, at, result }] : []
    })
  }

  return { put, all }
}

function toText(result: LastResult): string {
  if ('connected' in result) return 'connected'
  return 'status' in result ? String(result.status) : result.code
}

function toResult(text: string): LastResult | null {
  if (text === 'connected') return { connected: true }
  if (/^\d{3}$/.test(text)) return { status: Number(text) }
  const code = errorCode.safeParse(text)
  return code.success ? { code: code.data } : null
}
