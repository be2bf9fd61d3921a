import { type AuditKeys, auditKeysFromText, auditKeysToText, newAuditKeys } from '../audit/keys.ts'
import type { Database } from '../db/database.ts'
import type { SealedPlace, Vault } from './vault.ts'

const row = 'audit_keys'
const place: SealedPlace = { table: 'meta', column: 'value', id: row }

/**
 * The keys of the audit trail: made at the first start and kept sealed, so that a new master key leaves the trail as it
 * is. Throws `vault.damaged`: keys that are lost are never replaced, or a trail of another would pass for ours.
 */
export async function loadAuditKeys({ db, vault }: { db: Database; vault: Vault }): Promise<AuditKeys> {
  const stored = await db.read.selectFrom('meta').select('value').where('name', '=', row).executeTakeFirst()
  if (stored) return auditKeysFromText(vault.open(place, Buffer.from(stored.value, 'base64')).reveal())
  const keys = newAuditKeys()
  const value = vault.seal(place, auditKeysToText(keys)).toString('base64')
  await db.write((tx) => tx.insertInto('meta').values({ name: row, value }).execute())
  return keys
}
