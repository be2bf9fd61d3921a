import type { CredentialId, NodeId, NodeKeyId } from '../../contract/ids.ts'
import type { Database, Tx } from '../db/database.ts'

export type NodeKeyState = 'next' | 'active' | 'leaving'

/** A key of one node, with its secret as it lies in the database. */
export interface StoredNodeKey {
  readonly id: NodeKeyId
  readonly nodeId: NodeId
  readonly credentialId: CredentialId
  readonly state: NodeKeyState
  readonly secret: Buffer
  readonly publicKey: string
  readonly fingerprint: string
  readonly activeSince: string | null
}

/** Which key of a node is meant. */
export interface KeyPlace {
  readonly nodeId: NodeId
  readonly credentialId: CredentialId
}

type Reader = Pick<Tx, 'selectFrom'>

/** SQL for the keys of single nodes. No secret leaves it but sealed. */
export function createNodeKeyStore(db: Database) {
  async function find(
    { nodeId, credentialId }: KeyPlace,
    state: NodeKeyState,
    from: Reader = db.read,
  ): Promise<StoredNodeKey | undefined> {
    const row = await from
      .selectFrom('node_key')
      .selectAll()
      .where('node_id', '=', nodeId)
      .where('credential_id', '=', credentialId)
      .where('state', '=', state)
      .executeTakeFirst()
    return row && { ...shownFrom(row), secret: row.secret }
  }

  /** All that are in force, without their secrets. */
  async function active(): Promise<Omit<StoredNodeKey, 'secret'>[]> {
    const rows = await db.read
      .selectFrom('node_key')
      .select(['id', 'node_id', 'credential_id', 'state', 'public_key', 'fingerprint', 'active_since'])
      .where('state', '=', 'active')
      .execute()
    return rows.map(shownFrom)
  }

  async function insert(tx: Tx, key: Omit<StoredNodeKey, 'state' | 'activeSince'>, now: string) {
    await tx
      .insertInto('node_key')
      .values({
        id: key.id,
        node_id: key.nodeId,
        credential_id: key.credentialId,
        state: 'next',
        secret: key.secret,
        public_key: key.publicKey,
        fingerprint: key.fingerprint,
        made_at: now,
        active_since: null,
      })
      .execute()
  }

  async function move(
    tx: Tx,
    { nodeId, credentialId }: KeyPlace,
    from: NodeKeyState,
    to: NodeKeyState,
    activeSince?: string,
  ): Promise<void> {
    await tx
      .updateTable('node_key')
      .set({ state: to, ...(activeSince !== undefined && { active_since: activeSince }) })
      .where('node_id', '=', nodeId)
      .where('credential_id', '=', credentialId)
      .where('state', '=', from)
      .execute()
  }

  async function remove(tx: Tx, { nodeId, credentialId }: KeyPlace, state: NodeKeyState): Promise<number> {
    const { numDeletedRows } = await tx
      .deleteFrom('node_key')
      .where('node_id', '=', nodeId)
      .where('credential_id', '=', credentialId)
      .where('state', '=', state)
      .executeTakeFirst()
    return Number(numDeletedRows)
  }

  /** Gives the fingerprints of those that are gone now. */
  async function removeOf(tx: Tx, credentialId: CredentialId): Promise<string[]> {
    const rows = await tx
      .deleteFrom('node_key')
      .where('credential_id', '=', credentialId)
      .returning('fingerprint')
      .execute()
    return rows.map(({ fingerprint }) => fingerprint)
  }

  return { find, active, insert, move, remove, removeOf }
}

interface Row {
  id: NodeKeyId
  node_id: NodeId
  credential_id: CredentialId
  state: NodeKeyState
  public_key: string
  fingerprint: string
  active_since: string | null
}

const shownFrom = (row: Row): Omit<StoredNodeKey, 'secret'> => ({
  id: row.id,
  nodeId: row.node_id,
  credentialId: row.credential_id,
  state: row.state,
  publicKey: row.public_key,
  fingerprint: row.fingerprint,
  activeSince: row.active_since,
})
