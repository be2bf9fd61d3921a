import { type Selectable, sql } from 'kysely'
import type { Credential } from '../../contract/credentials.ts'
import type { CredentialId, NodeId } from '../../contract/ids.ts'
import type { Database, Tx } from '../db/database.ts'
import { isForeignKeyViolation, isUniqueViolation } from '../db/dialects.ts'
import type { Tables } from '../db/tables.ts'
import { fail } from '../lib/errors.ts'

/** The secrets of a credential as they lie in the database. */
export interface SealedCredential {
  readonly kind: 'key' | 'password'
  readonly secret: Buffer
  readonly sudoPassword: Buffer | null
}

/** Everything of a credential that can be replaced. */
export interface CredentialContent extends SealedCredential {
  readonly name: string
  readonly publicKey: string | null
  readonly fingerprint: string | null
  readonly secretSetAt: string
  readonly origin: 'generated' | 'uploaded'
}

/** The key pair of a credential, as it is replaced by a rotation. */
export type CredentialKey = Pick<
  CredentialContent,
  'secret' | 'publicKey' | 'fingerprint' | 'secretSetAt' | 'origin'
>

/** SQL for credentials. No secret leaves it but sealed. */
export function createCredentialStore(db: Database) {
  async function list(): Promise<Credential[]> {
    const users = await usersOf()
    const rows = await shown(db.read).orderBy('name').orderBy('id').execute()
    return rows.map((row) => fromRow(row, users.get(row.id) ?? []))
  }

  async function find(
    id: CredentialId,
    from: Pick<Tx, 'selectFrom'> = db.read,
  ): Promise<Credential | undefined> {
    const row = await shown(from).where('id', '=', id).executeTakeFirst()
    return row && fromRow(row, (await usersOf(id)).get(id) ?? [])
  }

  async function sealed(id: CredentialId): Promise<SealedCredential | undefined> {
    const row = await db.read
      .selectFrom('credential')
      .select(['kind', 'secret', 'sudo_password'])
      .where('id', '=', id)
      .executeTakeFirst()
    return row && { kind: row.kind, secret: row.secret, sudoPassword: row.sudo_password }
  }

  async function exists(id: CredentialId, from: Pick<Tx, 'selectFrom'> = db.read): Promise<boolean> {
    return (
      (await from.selectFrom('credential').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
    )
  }

  /** Throws `credential.name_taken`. */
  async function insert(
    tx: Tx,
    id: CredentialId,
    content: CredentialContent,
    createdAt: string,
  ): Promise<void> {
    await namedOnce(content.name, () =>
      tx
        .insertInto('credential')
        .values({ id, created_at: createdAt, ...toRow(content) })
        .execute(),
    )
  }

  /** Says whether there was one to replace. Throws `credential.name_taken`. */
  async function update(tx: Tx, id: CredentialId, content: CredentialContent): Promise<boolean> {
    const { numUpdatedRows } = await namedOnce(content.name, () =>
      tx.updateTable('credential').set(toRow(content)).where('id', '=', id).executeTakeFirst(),
    )
    return numUpdatedRows > 0n
  }

  async function updateKey(tx: Tx, id: CredentialId, key: CredentialKey): Promise<void> {
    await tx
      .updateTable('credential')
      .set({
        secret: key.secret,
        public_key: key.publicKey,
        fingerprint: key.fingerprint,
        secret_set_at: key.secretSetAt,
        origin: key.origin,
      })
      .where('id', '=', id)
      .execute()
  }

  /** Throws `credential.in_use` while nodes refer to it. */
  async function remove(tx: Tx, id: CredentialId): Promise<void> {
    try {
      await tx.deleteFrom('credential').where('id', '=', id).execute()
    } catch (error) {
      throw isForeignKeyViolation(error) ? fail('credential.in_use') : error
    }
  }

  /** Whether the key of a node that uses it is being renewed. */
  async function isRotating(tx: Tx, id: CredentialId): Promise<boolean> {
    const row = await tx
      .selectFrom('key_rotation')
      .select('node_id')
      .where('credential_id', '=', id)
      .where('ended_at', 'is', null)
      .executeTakeFirst()
    return row !== undefined
  }

  /** Which nodes use which credential. */
  async function usersOf(id?: CredentialId): Promise<Map<CredentialId, NodeId[]>> {
    let query = db.read
      .selectFrom('node')
      .select(['id', 'credential_id'])
      .where('credential_id', 'is not', null)
    if (id !== undefined) query = query.where('credential_id', '=', id)
    const users = new Map<CredentialId, NodeId[]>()
    for (const { id: nodeId, credential_id } of await query.orderBy('name').execute()) {
      if (credential_id) users.set(credential_id, [...(users.get(credential_id) ?? []), nodeId])
    }
    return users
  }

  return { list, find, sealed, exists, insert, update, updateKey, remove, isRotating }
}
export type CredentialStore = ReturnType<typeof createCredentialStore>

async function namedOnce<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw fail('credential.name_taken', { detail: `A credential is already called ${name}.` })
  }
}

/** What may be shown: the sealed columns are not even read. */
const shown = (from: Pick<Tx, 'selectFrom'>) =>
  from
    .selectFrom('credential')
    .select(['id', 'name', 'kind', 'public_key', 'fingerprint', 'created_at', 'secret_set_at', 'origin'])
    .select(sql<0 | 1>`sudo_password is not null`.as('has_sudo_password'))

type ShownRow = Omit<Selectable<Tables['credential']>, 'secret' | 'sudo_password'> & {
  has_sudo_password: 0 | 1
}

const fromRow = (row: ShownRow, nodeIds: NodeId[]): Credential => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  publicKey: row.public_key,
  fingerprint: row.fingerprint,
  hasSudoPassword: row.has_sudo_password === 1,
  isUploaded: row.origin === 'uploaded',
  nodeIds,
  createdAt: row.created_at,
  secretSetAt: row.secret_set_at,
})

const toRow = (content: CredentialContent) => ({
  name: content.name,
  kind: content.kind,
  secret: content.secret,
  sudo_password: content.sudoPassword,
  public_key: content.publicKey,
  fingerprint: content.fingerprint,
  secret_set_at: content.secretSetAt,
  origin: content.origin,
})
