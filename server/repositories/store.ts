import type { Selectable } from 'kysely'
import type { NodeId, RepositoryId } from '../../contract/ids.ts'
import type { Repository, RepositoryKind } from '../../contract/repositories.ts'
import type { Report } from '../../contract/reports.ts'
import type { Database, Tx } from '../db/database.ts'
import { isForeignKeyViolation, isUniqueViolation } from '../db/dialects.ts'
import type { Tables } from '../db/tables.ts'
import { fail } from '../lib/errors.ts'
import type { Sight } from './sights.ts'

type Reader = Pick<Tx, 'selectFrom'>

/** Where a repository is. */
export interface Place {
  readonly id: RepositoryId
  readonly kind: RepositoryKind
  readonly location: string
}

/** A secret as it lies in the database. */
export interface SealedSecret {
  readonly secret: Buffer
  readonly setAt: string
  readonly variables: readonly string[]
}

const nothingFound = JSON.stringify({ critical: 0, high: 0, warning: 0, info: 0 })

/** SQL for repositories. No secret leaves it but sealed. */
export function createRepositoryStore(db: Database) {
  async function list(): Promise<Repository[]> {
    const rows = await shown(db.read).orderBy('node.name').orderBy('location').orderBy('kind').execute()
    return rows.map(fromRow)
  }

  async function find(id: RepositoryId, from: Reader = db.read): Promise<Repository | undefined> {
    const row = await shown(from).where('repository.id', '=', id).executeTakeFirst()
    return row && fromRow(row)
  }

  async function countOf(tx: Tx, nodeId: NodeId): Promise<number> {
    const { count } = await tx
      .selectFrom('repository')
      .select((it) => it.fn.countAll<number>().as('count'))
      .where('node_id', '=', nodeId)
      .executeTakeFirstOrThrow()
    return Number(count)
  }

  /** Throws `repository.exists` and `node.not_found`. */
  async function insert(
    tx: Tx,
    place: Place & { readonly nodeId: NodeId; readonly createdAt: string },
    sealed: SealedSecret | null,
  ): Promise<void> {
    const { id, nodeId, kind, location, createdAt } = place
    try {
      await tx
        .insertInto('repository')
        .values({
          id,
          node_id: nodeId,
          kind,
          location,
          created_at: createdAt,
          ...toColumns(sealed),
          state: 'unseen',
          newest_at: null,
          backups: 0,
          size_bytes: null,
          looked_at: null,
          execution_id: null,
          check_body: null,
          drill: null,
          proof: null,
          findings: nothingFound,
        })
        .execute()
    } catch (error) {
      if (isUniqueViolation(error)) throw fail('repository.exists')
      throw isForeignKeyViolation(error) ? fail('node.not_found') : error
    }
  }

  async function setSecret(tx: Tx, id: RepositoryId, sealed: SealedSecret | null): Promise<void> {
    await tx.updateTable('repository').set(toColumns(sealed)).where('id', '=', id).execute()
  }

  async function remove(tx: Tx, id: RepositoryId): Promise<void> {
    await tx.deleteFrom('repository').where('id', '=', id).execute()
  }

  async function findPlace(
    tx: Tx,
    nodeId: NodeId,
    { kind, location }: Pick<Place, 'kind' | 'location'>,
  ): Promise<RepositoryId | undefined> {
    const row = await tx
      .selectFrom('repository')
      .select('id')
      .where('node_id', '=', nodeId)
      .where('kind', '=', kind)
      .where('location', '=', location)
      .executeTakeFirst()
    return row?.id
  }

  /** Keeps how it was met. What a look did not bring (a check, a drill) stays as it was. */
  async function putSight(
    tx: Tx,
    id: RepositoryId,
    sight: Sight,
    { createdAt, executionId }: Pick<Report, 'createdAt' | 'executionId'>,
  ): Promise<void> {
    const { state, newestAt, backups, sizeBytes, check, drill, proof, findings } = sight
    // Of a place that could not be entered, what was known last is all that is known.
    const wasEntered = state === 'open' || state === 'outside'
    await tx
      .updateTable('repository')
      .set({
        state,
        looked_at: createdAt,
        execution_id: executionId,
        findings: JSON.stringify(findings),
        ...(wasEntered && { newest_at: newestAt, backups }),
        ...(wasEntered && sizeBytes !== null && { size_bytes: sizeBytes }),
        ...(check && { check_body: JSON.stringify(check) }),
        ...(drill && { drill: JSON.stringify(drill) }),
        ...(proof && { proof: JSON.stringify(proof) }),
      })
      .where('id', '=', id)
      .execute()
  }

  /** Those of a node that a secret is kept for. */
  async function sealedOf(tx: Reader, nodeId: NodeId): Promise<(Place & { readonly secret: Buffer })[]> {
    const rows = await tx
      .selectFrom('repository')
      .select(['id', 'kind', 'location', 'secret'])
      .where('node_id', '=', nodeId)
      .where('secret', 'is not', null)
      .orderBy('id')
      .execute()
    return rows.flatMap(({ secret, ...place }) => (secret ? [{ ...place, secret }] : []))
  }

  return { list, find, countOf, insert, setSecret, remove, findPlace, putSight, sealedOf }
}
export type RepositoryStore = ReturnType<typeof createRepositoryStore>

const toColumns = (sealed: SealedSecret | null) => ({
  secret: sealed?.secret ?? null,
  secret_set_at: sealed?.setAt ?? null,
  secret_variables: JSON.stringify(sealed?.variables ?? []),
})

/** What may be shown: the sealed column is not even read. */
const shown = (from: Reader) =>
  from
    .selectFrom('repository')
    .innerJoin('node', 'node.id', 'repository.node_id')
    .select([
      'repository.id',
      'repository.node_id',
      'node.name as node_name',
      'repository.kind',
      'repository.location',
      'repository.secret_set_at',
      'repository.secret_variables',
      'repository.state',
      'repository.newest_at',
      'repository.backups',
      'repository.size_bytes',
      'repository.looked_at',
      'repository.execution_id',
      'repository.check_body',
      'repository.drill',
      'repository.proof',
      'repository.findings',
    ])

type ShownRow = Omit<Selectable<Tables['repository']>, 'secret' | 'created_at'> & { node_name: string }

const fromRow = (row: ShownRow): Repository => ({
  id: row.id,
  nodeId: row.node_id,
  nodeName: row.node_name,
  kind: row.kind,
  location: row.location,
  state: row.state as Repository['state'],
  newestAt: row.newest_at,
  backups: row.backups,
  sizeBytes: row.size_bytes,
  lookedAt: row.looked_at,
  executionId: row.execution_id,
  check: parsed<Repository['check']>(row.check_body),
  drill: parsed<Repository['drill']>(row.drill),
  proof: parsed<Repository['proof']>(row.proof),
  findings: JSON.parse(row.findings) as Repository['findings'],
  secret:
    row.secret_set_at === null
      ? null
      : { setAt: row.secret_set_at, variables: JSON.parse(row.secret_variables) as string[] },
})

const parsed = <Value>(json: string | null): Value | null =>
  json === null ? null : (JSON.parse(json) as Value)
