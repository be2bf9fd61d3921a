import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../testbed/database.ts'
import { createMasterKey } from './master-key.ts'
import { createVault, type SealedPlace } from './vault.ts'
import { sealedPlaces } from './sealed-places.ts'

let base: TestDatabase
beforeAll(async () => {
  base = await testDatabase()
})
afterAll(() => base.close())

/** Bytes that are no secrets, each with why. Everything else that holds bytes is sealed. */
const plainBytes: readonly string[] = [
  // What a signature is checked with; it is public.
  'passkey.public_key',
]

test('every column that holds bytes is listed as sealed, or said to be plain: a new master key must reach it', async () => {
  const { rows } = await sql<{ place: string }>`
    select m.name || '.' || c.name as place from sqlite_schema m, pragma_table_info(m.name) c
    where m.type = 'table' and lower(c.type) = 'blob' order by place`.execute(base.db.read)
  const listed = sealedPlaces.filter(({ kept }) => kept === 'bytes')
  expect(rows.map(({ place }) => place)).toEqual(
    [...listed.map(({ table, column }) => `${table}.${column}`), ...plainBytes].toSorted(),
  )
})

test('every listed place is there', async () => {
  for (const { table, column, idColumn } of sealedPlaces) {
    const { rows } = await sql<{ name: string }>`select name from pragma_table_info(${table})`.execute(
      base.db.read,
    )
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining([column, idColumn]))
  }
})

test.each([
  { table: 'node', column: 'secret', id: 'nod_1' },
  { table: 'meta', column: 'value', id: 'something else' },
])('nothing is sealed for a place that is not listed, such as %o', (place) => {
  const vault = createVault({ masterKey: createMasterKey(randomBytes(32), 'file'), db: base.db })
  expect(() => vault.seal(place as SealedPlace, 'secret')).toThrow('is not in sealed-places.ts')
})
