import type { Database } from '../db/database.ts'
import { fail } from '../lib/errors.ts'
import { Secret } from '../lib/secret.ts'
import type { MasterKey } from './master-key.ts'
import { keyIdOf, openBox, type Place, sealBox, type SealingKey } from './sealed-box.ts'

export type { Place } from './sealed-box.ts'

/** The row of `meta` that only opens with the key of this database. */
const checkRow = 'vault_key_check'
const checkPlace: Place = { table: 'meta', column: 'value', id: checkRow }
const checkText = 'This key opens this database.'

/** The id of the key that a database was encrypted with; null for one that has seen none yet. */
export async function sealedWith(db: Pick<Database, 'read'>): Promise<string | null> {
  const check = await storedCheck(db)
  return check && keyIdOf(check)
}

interface VaultTools {
  masterKey: MasterKey
  db: Database
}

/** Keeps secrets: they go in as text and come out only to be used. */
export function createVault({ masterKey, db }: VaultTools) {
  const sealing: SealingKey = { id: masterKey.id, key: masterKey.purposeKey('creds') }

  /** Makes sure at start that this is the key of the database. Throws `vault.wrong_key` naming both keys. */
  async function check(): Promise<void> {
    const stored = await storedCheck(db)
    if (!stored) return keepCheck()
    if (openBox(sealing, checkPlace, stored)?.toString() === checkText) return
    throw fail('vault.wrong_key', {
      detail: `This database was encrypted with the key ${keyIdOf(stored)}; the given key is ${masterKey.id}.`,
    })
  }

  async function keepCheck(): Promise<void> {
    const value = sealBox(sealing, checkPlace, Buffer.from(checkText)).toString('base64')
    await db.write((tx) => tx.insertInto('meta').values({ name: checkRow, value }).execute())
  }

  /** Encrypts a secret for one place in the database; it opens nowhere else. */
  function seal(place: Place, secret: Secret | string): Buffer {
    return sealBox(sealing, place, Buffer.from(typeof secret === 'string' ? secret : secret.reveal()))
  }

  /** Decrypts what was sealed for this place. Throws `vault.damaged`. */
  function open(place: Place, sealed: Buffer): Secret {
    const content = openBox(sealing, place, sealed)
    if (content) return new Secret(content.toString('utf8'))
    const { table, column, id } = place
    const other = keyIdOf(sealed)
    // A flipped bit may hit the id as well, so only the check at start decides that the key is wrong.
    const why =
      other === masterKey.id ? 'it was changed or moved' : `it names the key ${other}, not ${masterKey.id}`
    throw fail('vault.damaged', { detail: `${column} of ${table} ${id} cannot be opened: ${why}.` })
  }

  /** Decrypts a secret for as long as `use` takes. */
  async function lend<Result>(
    place: Place,
    sealed: Buffer,
    use: (secret: Secret) => Promise<Result>,
  ): Promise<Result> {
    return use(open(place, sealed))
  }

  return { check, seal, open, lend }
}
export type Vault = ReturnType<typeof createVault>

async function storedCheck(db: Pick<Database, 'read'>): Promise<Buffer | null> {
  const row = await db.read.selectFrom('meta').select('value').where('name', '=', checkRow).executeTakeFirst()
  return row ? Buffer.from(row.value, 'base64') : null
}
