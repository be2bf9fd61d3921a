import type { Kysely } from 'kysely'
import type { PolicyId } from '../../contract/ids.ts'
import type { Policy } from '../../contract/plans.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'

export function createPolicyStore(db: Database) {
  async function all(reader: Kysely<Tables> | Tx = db.read): Promise<Policy[]> {
    const rows = await reader.selectFrom('approval_policy').selectAll().orderBy('id').execute()
    return rows.map((row) => ({
      id: row.id,
      type: row.type,
      targets: JSON.parse(row.targets) as string[],
      maxBytes: row.max_bytes,
      createdBy: row.created_by,
      createdAt: row.created_at,
    }))
  }

  async function insert(tx: Tx, policy: Policy): Promise<void> {
    await tx
      .insertInto('approval_policy')
      .values({
        id: policy.id,
        type: policy.type,
        targets: JSON.stringify(policy.targets),
        max_bytes: policy.maxBytes,
        created_by: policy.createdBy,
        created_at: policy.createdAt,
      })
      .execute()
  }

  async function remove(tx: Tx, id: PolicyId): Promise<void> {
    await tx.deleteFrom('approval_policy').where('id', '=', id).execute()
  }

  return { all, insert, remove }
}
