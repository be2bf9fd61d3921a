import type { Place } from './sealed-box.ts'

/**
 * Every place that holds sealed values. `vault.seal` takes no other, so a new column has to be listed here before anything
 * can be sealed for it, and a new master key reaches it. A test compares the list with the columns of the database.
 */
export const sealedPlaces = [
  { table: 'ai_key', column: 'secret', idColumn: 'id', kept: 'bytes' },
  { table: 'channel', column: 'secrets', idColumn: 'id', kept: 'bytes' },
  { table: 'credential', column: 'secret', idColumn: 'id', kept: 'bytes' },
  { table: 'credential', column: 'sudo_password', idColumn: 'id', kept: 'bytes' },
  { table: 'node_key', column: 'secret', idColumn: 'id', kept: 'bytes' },
  { table: 'own_backup_place', column: 'secret', idColumn: 'id', kept: 'bytes' },
  { table: 'provider', column: 'client_secret', idColumn: 'id', kept: 'bytes' },
  { table: 'push_subscription', column: 'subscription', idColumn: 'id', kept: 'bytes' },
  { table: 'repository', column: 'secret', idColumn: 'id', kept: 'bytes' },
  { table: 'schedule', column: 'notifications', idColumn: 'id', kept: 'bytes' },
  { table: 'schedule', column: 'source', idColumn: 'id', kept: 'bytes' },
  { table: 'trigger', column: 'hook_secret', idColumn: 'id', kept: 'bytes' },
  { table: 'totp', column: 'secret', idColumn: 'user_id', kept: 'bytes' },
  // Single rows of `meta`, which holds text.
  { table: 'meta', column: 'value', idColumn: 'name', kept: 'base64', id: 'audit_keys' },
  { table: 'meta', column: 'value', idColumn: 'name', kept: 'base64', id: 'push_key' },
] as const

/** The row of `meta` that only opens with the key of this database. It is the last that a new key is given. */
export const checkRow = 'vault_key_check'
export const checkPlace = { table: 'meta', column: 'value', id: checkRow } as const

type Listed = (typeof sealedPlaces)[number]
type PlaceOf<One> = One extends { readonly table: infer Table; readonly column: infer Column }
  ? {
      readonly table: Table
      readonly column: Column
      readonly id: One extends { readonly id: infer Id } ? Id : string
    }
  : never

/** One of the listed places, in one row. */
export type SealedPlace = PlaceOf<Listed>

/** Says whether a place is listed: floors below know the vault by a wider shape. */
export const isListed = ({ table, column, id }: Place): boolean =>
  sealedPlaces.some(
    (place) => place.table === table && place.column === column && (!('id' in place) || place.id === id),
  )
