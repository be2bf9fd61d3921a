import type { NodeKeyId } from '../../contract/ids.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { NewId } from '../lib/id.ts'
import type { Credentials } from './credentials.ts'
import type { Login } from './login.ts'
import { createNodeKeyStore, type KeyPlace, type NodeKeyState } from './node-key-store.ts'
import { generateKeyPair } from './ssh-key.ts'
import type { SealedPlace, Vault } from './vault.ts'

export type { KeyPlace } from './node-key-store.ts'

interface NodeKeyTools {
  readonly db: Database
  readonly vault: Vault
  readonly credentials: Credentials
  readonly clock: Clock
  readonly newId: NewId
}

/** What may be shown of the key that opens a node. */
export interface KeyInForce {
  readonly isOwn: boolean
  readonly isUploaded: boolean
  readonly publicKey: string
  readonly fingerprint: string
  readonly since: string
}

/**
 * The keys that open the nodes. A node is opened by the key of its credential until a rotation has given it one of its
 * own, which opens that node alone. During a rotation there are two: the one in force, and the one that comes or goes.
 */
export function createNodeKeys({ db, vault, credentials, clock, newId }: NodeKeyTools) {
  const store = createNodeKeyStore(db)

  /** Lends what opens the node now: its own key, else what its credential holds. */
  async function withLogin<Result>(place: KeyPlace, use: (login: Login) => Promise<Result>): Promise<Result> {
    const own = await store.find(place, 'active')
    if (!own) return credentials.withLogin(place.credentialId, use)
    return lend(own, use)
  }

  /** Lends the key that is not in force: the one that comes, or the one that leaves. */
  async function withOther<Result>(
    place: KeyPlace,
    which: 'next' | 'leaving',
    use: (login: Login) => Promise<Result>,
  ): Promise<Result> {
    const key = await store.find(place, which)
    if (key) return lend(key, use)
    // What leaves is the key of the credential where the node had none of its own before.
    if (which === 'leaving') return credentials.withLogin(place.credentialId, use)
    throw fail('key.not_rotating')
  }

  function lend<Result>(
    { id, secret }: { id: NodeKeyId; secret: Buffer },
    use: (login: Login) => Promise<Result>,
  ): Promise<Result> {
    return vault.lend(secretOf(id), secret, (privateKey) => use({ kind: 'key', privateKey }))
  }

  /** What may be shown of the key in force; null when a password opens the node. */
  async function inForce(place: KeyPlace): Promise<KeyInForce | null> {
    const own = await store.find(place, 'active')
    if (own) {
      const { publicKey, fingerprint, activeSince } = own
      return { isOwn: true, isUploaded: false, publicKey, fingerprint, since: activeSince ?? '' }
    }
    return credentials.firstKey(place.credentialId)
  }

  /** The public keys that a node has to let in: the one in force, and the one that comes. None for a password. */
  async function toLetIn(place: KeyPlace): Promise<string[]> {
    const keys = [await inForce(place), await store.find(place, 'next')]
    return keys.flatMap((key) => (key ? [key.publicKey] : []))
  }

  /** Makes the pair that comes next; `keep` puts it into the transaction that says so. */
  async function make(comment: string) {
    const { privateKey, publicKey, fingerprint } = await generateKeyPair(comment)
    const id = newId('key')
    // Sealed inside of the transaction: a change of the master key would miss it in between.
    const keep = (tx: Tx, place: KeyPlace) => {
      const secret = vault.seal(secretOf(id), privateKey)
      return store.insert(tx, { id, ...place, secret, publicKey, fingerprint }, clock.now().toISOString())
    }
    return { publicKey, fingerprint, keep }
  }

  /** The next key is in force from now on; the one before stays until it is forgotten. */
  async function activate(tx: Tx, place: KeyPlace): Promise<void> {
    await store.move(tx, place, 'active', 'leaving')
    await store.move(tx, place, 'next', 'active', clock.now().toISOString())
  }

  /** Takes `activate` back; does nothing where that was not done. */
  async function deactivate(tx: Tx, place: KeyPlace): Promise<void> {
    await store.move(tx, place, 'active', 'next')
    await store.move(tx, place, 'leaving', 'active')
  }

  /**
   * The key that left is forgotten. When nobody else uses the credential, the new key becomes the one of the credential,
   * so that no key is kept that opens nothing.
   */
  async function settle(tx: Tx, place: KeyPlace, isOnlyUser: boolean): Promise<void> {
    await store.remove(tx, place, 'leaving')
    if (!isOnlyUser) return
    const own = await store.find(place, 'active', tx)
    if (!own) return
    const secret = vault.open(secretOf(own.id), own.secret)
    const { publicKey, fingerprint, activeSince } = own
    await credentials.takeKey(tx, place.credentialId, { secret, publicKey, fingerprint, since: activeSince })
    await store.remove(tx, place, 'active')
  }

  return {
    withLogin,
    withOther,
    inForce,
    toLetIn,
    /** Every key of a node's own that is in force. */
    listOwn: store.active,
    make,
    activate,
    deactivate,
    settle,
    /** Says whether there was one. */
    forget: async (tx: Tx, place: KeyPlace, state: NodeKeyState): Promise<boolean> =>
      (await store.remove(tx, place, state)) > 0,
  }
}
export type NodeKeys = ReturnType<typeof createNodeKeys>

const secretOf = (id: NodeKeyId): SealedPlace => ({ table: 'node_key', column: 'secret', id })
