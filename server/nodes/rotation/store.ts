import type { Selectable } from 'kysely'
import type { Problem } from '../../../contract/errors.ts'
import type { CredentialId, NodeId } from '../../../contract/ids.ts'
import type { RotationStep, RotationStrategy } from '../../../contract/keys.ts'
import type { Database, Tx } from '../../db/database.ts'
import type { Tables } from '../../db/tables.ts'
import type { Rotation } from './steps.ts'

/** A rotation with the keys it is about. */
export interface StoredRotation extends Rotation {
  readonly nodeId: NodeId
  readonly credentialId: CredentialId
  readonly startedAt: string
  readonly startedBy: string
  readonly oldPublicKey: string
  readonly oldFingerprint: string
  readonly newPublicKey: string | null
  readonly newFingerprint: string | null
  readonly endedAt: string | null
}

type Reader = Pick<Tx, 'selectFrom'>

export function createRotationStore(db: Database) {
  async function find(nodeId: NodeId, from: Reader = db.read): Promise<StoredRotation | undefined> {
    const row = await from
      .selectFrom('key_rotation')
      .selectAll()
      .where('node_id', '=', nodeId)
      .executeTakeFirst()
    return row && fromRow(row)
  }

  async function list(): Promise<StoredRotation[]> {
    return (await db.read.selectFrom('key_rotation').selectAll().execute()).map(fromRow)
  }

  async function unfinished(): Promise<StoredRotation[]> {
    const rows = await db.read.selectFrom('key_rotation').selectAll().where('ended_at', 'is', null).execute()
    return rows.map(fromRow)
  }

  /** Begins one in place of the one before, which has ended. */
  async function begin(
    tx: Tx,
    wanted: Pick<
      StoredRotation,
      'nodeId' | 'credentialId' | 'startedAt' | 'startedBy' | 'oldPublicKey' | 'oldFingerprint'
    >,
  ): Promise<void> {
    await tx.deleteFrom('key_rotation').where('node_id', '=', wanted.nodeId).execute()
    await tx
      .insertInto('key_rotation')
      .values({
        node_id: wanted.nodeId,
        credential_id: wanted.credentialId,
        step: 'make',
        strategy: null,
        waits_for_person: 0,
        problem: null,
        retry_at: null,
        attempts: 0,
        started_at: wanted.startedAt,
        started_by: wanted.startedBy,
        activated_at: null,
        good_runs: 0,
        old_public_key: wanted.oldPublicKey,
        old_fingerprint: wanted.oldFingerprint,
        new_public_key: null,
        new_fingerprint: null,
        ended_at: null,
      })
      .execute()
  }

  async function update(
    tx: Tx,
    nodeId: NodeId,
    rotation: Rotation,
    more: { endedAt?: string; newPublicKey?: string; newFingerprint?: string } = {},
  ): Promise<void> {
    await tx
      .updateTable('key_rotation')
      .set({
        step: rotation.step,
        strategy: rotation.strategy,
        waits_for_person: rotation.waitsForPerson ? 1 : 0,
        problem: rotation.problem && JSON.stringify(rotation.problem),
        retry_at: rotation.retryAt,
        attempts: rotation.attempts,
        activated_at: rotation.activatedAt,
        good_runs: rotation.goodRuns,
        ...(more.endedAt !== undefined && { ended_at: more.endedAt }),
        ...(more.newPublicKey !== undefined && { new_public_key: more.newPublicKey }),
        ...(more.newFingerprint !== undefined && { new_fingerprint: more.newFingerprint }),
      })
      .where('node_id', '=', nodeId)
      .execute()
  }

  /** The node as far as its key is concerned. */
  async function nodes(id?: NodeId) {
    let rows = db.read
      .selectFrom('node')
      .leftJoin('credential', 'credential.id', 'node.credential_id')
      .select(['node.id', 'node.name', 'node.credential_id', 'node.paused'])
      .select(['credential.name as credential_name', 'credential.kind', 'credential.origin'])
      .select(['credential.fingerprint', 'credential.secret_set_at'])
      .orderBy('node.name')
    if (id !== undefined) rows = rows.where('node.id', '=', id)
    return rows.execute()
  }

  async function countUsers(tx: Tx, credentialId: CredentialId): Promise<number> {
    const row = await tx
      .selectFrom('node')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('credential_id', '=', credentialId)
      .executeTakeFirst()
    return Number(row?.count ?? 0)
  }

  /** Nodes that log in to the same account of the same machine with the same old key. */
  async function sharers({ nodeId, oldFingerprint }: StoredRotation): Promise<string[]> {
    const rows = await db.read
      .selectFrom('node as other')
      .innerJoin('node as own', (join) =>
        join.onRef('own.username', '=', 'other.username').onRef('own.id', '!=', 'other.id'),
      )
      .innerJoin('credential', 'credential.id', 'other.credential_id')
      .select('other.name')
      .distinct()
      .where('own.id', '=', nodeId)
      .where('credential.fingerprint', '=', oldFingerprint)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('node_key')
              .select('node_key.id')
              .whereRef('node_key.node_id', '=', 'other.id')
              .whereRef('node_key.credential_id', '=', 'credential.id')
              .where('node_key.state', '=', 'active'),
          ),
        ),
      )
      .where(({ or, and, ref, eb, exists, selectFrom }) =>
        or([
          and([eb('own.host', '=', ref('other.host')), eb('own.port', '=', ref('other.port'))]),
          exists(
            selectFrom('host_key as theirs')
              .innerJoin('host_key as ours', 'ours.key', 'theirs.key')
              .select('ours.key')
              .whereRef('ours.node_id', '=', 'own.id')
              .whereRef('theirs.node_id', '=', 'other.id'),
          ),
        ]),
      )
      .execute()
    return rows.map(({ name }) => name)
  }

  return { find, list, unfinished, begin, update, nodes, countUsers, sharers }
}
export type RotationStore = ReturnType<typeof createRotationStore>

const fromRow = (row: Selectable<Tables['key_rotation']>): StoredRotation => ({
  nodeId: row.node_id,
  credentialId: row.credential_id,
  step: row.step as RotationStep,
  strategy: row.strategy as RotationStrategy | null,
  waitsForPerson: row.waits_for_person === 1,
  problem: row.problem === null ? null : (JSON.parse(row.problem) as Problem),
  retryAt: row.retry_at,
  attempts: row.attempts,
  startedAt: row.started_at,
  startedBy: row.started_by,
  activatedAt: row.activated_at,
  goodRuns: row.good_runs,
  oldPublicKey: row.old_public_key,
  oldFingerprint: row.old_fingerprint,
  newPublicKey: row.new_public_key,
  newFingerprint: row.new_fingerprint,
  endedAt: row.ended_at,
})
