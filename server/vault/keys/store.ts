import { sql } from 'kysely'
import * as z from 'zod'
import type { Database, Tx } from '../../db/database.ts'
import { keyIdOf } from '../sealed-box.ts'
import { checkRow, type SealedPlace, sealedPlaces } from '../sealed-places.ts'

const rotation = z.object({
  from: z.string(),
  to: z.string(),
  startedAt: z.string(),
  /** Who asked for it, as the audit trail names them. */
  by: z.string(),
  /** Sealed values there were when it began. */
  total: z.number(),
})
export type Rotation = z.infer<typeof rotation>

const history = z.object({
  /** When the key in use took over; null for the first one. */
  changedAt: z.string().nullable(),
  /** Ids of the keys before. None of them is used again. */
  retired: z.array(z.string()),
})
export type KeyHistory = z.infer<typeof history>

const kitMark = z.object({
  keyId: z.string(),
  state: z.enum(['downloaded', 'declined']),
  at: z.string(),
  by: z.string(),
})
export type KitMark = z.infer<typeof kitMark>

/** What a database says about its keys; readable without any. */
export interface KeyState {
  /** The key it was encrypted with; null for one that has seen none yet. */
  readonly keyId: string | null
  readonly rotation: Rotation | null
  readonly retired: readonly string[]
}

/** A sealed value with its place. */
export interface SealedValue {
  readonly place: SealedPlace
  readonly box: Buffer
}

const rows = {
  rotation: 'vault_rotation',
  history: 'vault_key_history',
  kit: 'recovery_kit',
  instance: 'instance_id',
} as const

type From = Pick<Tx, 'selectFrom'>
type AnyPlace = (typeof sealedPlaces)[number]

/** SQL for the keys: what `meta` says about them, and every sealed value there is. */
export function createKeyStore(db: Pick<Database, 'read'>) {
  async function text(name: string, from: From = db.read): Promise<string | null> {
    const row = await from.selectFrom('meta').select('value').where('name', '=', name).executeTakeFirst()
    return row?.value ?? null
  }

  async function put(tx: Tx, name: string, value: string): Promise<void> {
    await tx
      .insertInto('meta')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute()
  }

  const json = async <Value>(shape: z.ZodType<Value>, name: string, from?: From): Promise<Value | null> => {
    const value = await text(name, from)
    return value === null ? null : shape.parse(JSON.parse(value))
  }

  async function readHistory(from?: From): Promise<KeyHistory> {
    return (await json(history, rows.history, from)) ?? { changedAt: null, retired: [] }
  }

  async function check(from?: From): Promise<Buffer | null> {
    const value = await text(checkRow, from)
    return value === null ? null : Buffer.from(value, 'base64')
  }

  async function state(): Promise<KeyState> {
    const box = await check()
    return {
      keyId: box && keyIdOf(box),
      rotation: await json(rotation, rows.rotation),
      retired: (await readHistory()).retired,
    }
  }

  /** The next sealed values of a place, by row; a place of one row has that one. */
  async function page(tx: Tx, place: AnyPlace, after: string, limit: number): Promise<SealedValue[]> {
    const { table, column, idColumn, kept } = place
    const only = 'id' in place ? sql`and ${sql.ref(idColumn)} = ${place.id}` : sql``
    const { rows: found } = await sql<{ id: string; box: Buffer | string }>`
      select ${sql.ref(idColumn)} as id, ${sql.ref(column)} as box from ${sql.table(table)}
      where ${sql.ref(column)} is not null and ${sql.ref(idColumn)} > ${after} ${only}
      order by ${sql.ref(idColumn)} limit ${limit}`.execute(tx)
    return found.map(({ id, box }) => ({
      place: { table, column, id } as SealedPlace,
      box: kept === 'base64' ? Buffer.from(String(box), 'base64') : Buffer.from(box as Buffer),
    }))
  }

  async function replace(tx: Tx, { kept, idColumn }: AnyPlace, { place, box }: SealedValue): Promise<void> {
    const value = kept === 'base64' ? box.toString('base64') : box
    await sql`update ${sql.table(place.table)} set ${sql.ref(place.column)} = ${value}
      where ${sql.ref(idColumn)} = ${place.id}`.execute(tx)
  }

  /** How many sealed values there are. */
  async function count(from: Tx | Database['read'] = db.read): Promise<number> {
    let total = 0
    for (const place of sealedPlaces) {
      const only = 'id' in place ? sql`and ${sql.ref(place.idColumn)} = ${place.id}` : sql``
      const { rows: found } = await sql<{ many: number }>`
        select count(*) as many from ${sql.table(place.table)}
        where ${sql.ref(place.column)} is not null ${only}`.execute(from)
      total += Number(found[0]?.many ?? 0)
    }
    return total
  }

  return {
    state,
    check,
    putCheck: (tx: Tx, box: Buffer) => put(tx, checkRow, box.toString('base64')),
    rotation: (from?: From) => json(rotation, rows.rotation, from),
    putRotation: (tx: Tx, value: Rotation) => put(tx, rows.rotation, JSON.stringify(value)),
    removeRotation: (tx: Tx) => tx.deleteFrom('meta').where('name', '=', rows.rotation).execute(),
    history: readHistory,
    putHistory: (tx: Tx, value: KeyHistory) => put(tx, rows.history, JSON.stringify(value)),
    kit: () => json(kitMark, rows.kit),
    putKit: (tx: Tx, value: KitMark) => put(tx, rows.kit, JSON.stringify(value)),
    instanceId: (from?: From) => text(rows.instance, from),
    putInstanceId: (tx: Tx, id: string) => put(tx, rows.instance, id),
    page,
    replace,
    count,
  }
}
export type KeyStore = ReturnType<typeof createKeyStore>
