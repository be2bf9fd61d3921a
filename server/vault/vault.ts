import type { Database, Tx } from '../db/database.ts'
import { fail } from '../lib/errors.ts'
import { Secret } from '../lib/secret.ts'
import { createKeyStore } from './keys/store.ts'
import type { MasterKey } from './master-key.ts'
import { keyIdOf, openBox, type Place, sealBox, type SealingKey } from './sealed-box.ts'
import { checkPlace, isListed, type SealedPlace } from './sealed-places.ts'

export type { SealedPlace } from './sealed-places.ts'

const checkText = 'This key opens this database.'

interface VaultTools {
  masterKey: MasterKey
  /** While the key is being changed: the one that new secrets are sealed with already. */
  nextKey?: MasterKey | null
  db: Database
}

/** Keeps secrets: they go in as text and come out only to be used. */
export function createVault({ masterKey, nextKey = null, db }: VaultTools) {
  const store = createKeyStore(db)
  /** All that are accepted; new secrets are sealed with the last. */
  let keys: readonly MasterKey[] = nextKey ? [masterKey, nextKey] : [masterKey]
  let boxes: readonly SealingKey[] = keys.map(toSealing)

  const newest = (): MasterKey => keys.at(-1) ?? masterKey
  const newestBox = (): SealingKey => boxes.at(-1) ?? toSealing(masterKey)

  function accept(accepted: readonly MasterKey[]): void {
    keys = accepted
    boxes = keys.map(toSealing)
  }

  /** Makes sure at start that this is the key of the database. Throws `vault.wrong_key` naming both keys. */
  async function check(): Promise<void> {
    const stored = await store.check()
    if (!stored) return db.write((tx) => sealCheck(tx))
    if (openAny(checkPlace, stored)?.toString() === checkText) return
    throw fail('vault.wrong_key', {
      detail: `This database was encrypted with the key ${keyIdOf(stored)}; the given key is ${masterKey.id}.`,
    })
  }

  /** Says whether the key in use opens the check of another copy of the database, as `core.db` holds it. */
  const opensCheck = (text: string): boolean =>
    openAny(checkPlace, Buffer.from(text, 'base64'))?.toString() === checkText

  /** Says in the database which key opens it from now on. */
  const sealCheck = (tx: Tx): Promise<void> =>
    store.putCheck(tx, sealBox(newestBox(), checkPlace, Buffer.from(checkText)))

  /**
   * Encrypts a secret for one place in the database; it opens nowhere else. Write it in the same turn, as in
   * `db.write((tx) => … vault.seal(…))`: a value that waits meanwhile might miss a change of the key.
   */
  function seal(place: SealedPlace, secret: Secret | string): Buffer {
    if (!isListed(place)) throw new Error(`${place.table}.${place.column} is not in sealed-places.ts`)
    return sealBox(newestBox(), place, Buffer.from(typeof secret === 'string' ? secret : secret.reveal()))
  }

  /** Decrypts what was sealed for this place. Throws `vault.damaged`. */
  function open(place: SealedPlace, sealed: Buffer): Secret {
    const content = openAny(place, sealed)
    if (content) return new Secret(content.toString('utf8'))
    const { table, column, id } = place
    const other = keyIdOf(sealed)
    // A flipped bit may hit the id as well, so only the check at start decides that the key is wrong.
    const why = keys.some((key) => key.id === other)
      ? 'it was changed or moved'
      : `it names the key ${other}, not ${newest().id}`
    throw fail('vault.damaged', { detail: `${column} of ${table} ${id} cannot be opened: ${why}.` })
  }

  function openAny(place: Place, sealed: Buffer): Buffer | null {
    const key = boxes.find(({ id }) => id === keyIdOf(sealed))
    return key ? openBox(key, place, sealed) : null
  }

  /** Decrypts a secret for as long as `use` takes. */
  async function lend<Result>(
    place: SealedPlace,
    sealed: Buffer,
    use: (secret: Secret) => Promise<Result>,
  ): Promise<Result> {
    return use(open(place, sealed))
  }

  /** The same value under the newest key; null when it is already, or when nothing opens it. */
  function reseal(place: SealedPlace, sealed: Buffer): Buffer | null {
    if (keyIdOf(sealed) === newest().id) return null
    const content = openAny(place, sealed)
    if (!content) return null
    const again = sealBox(newestBox(), place, content)
    content.fill(0)
    return again
  }

  return {
    check,
    opensCheck,
    /** Whether another key is on its way: some secrets are sealed with the one, some with the other. */
    isMoving: (): boolean => keys.length > 1,
    sealCheck,
    seal,
    open,
    lend,
    reseal,
    /** Whether some key that is accepted opens this. */
    opens: (place: SealedPlace, sealed: Buffer): boolean => openAny(place, sealed) !== null,
    /** The key that new secrets are sealed with. */
    key: newest,
    /** Seals with another key from now on; the one before is still accepted. */
    moveTo: (next: MasterKey): void => accept([newest(), next]),
    /** Accepts the newest key alone. */
    settle: (): void => accept([newest()]),
  }
}
export type Vault = ReturnType<typeof createVault>

const toSealing = (key: MasterKey): SealingKey => ({ id: key.id, key: key.purposeKey('creds') })
