import type { Credential, CredentialCreate } from '../../contract/credentials.ts'
import type { CredentialId } from '../../contract/ids.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { NewId } from '../lib/id.ts'
import { Secret } from '../lib/secret.ts'
import type { Login } from './login.ts'
import type { KeyInForce } from './node-keys.ts'
import { createNodeKeyStore } from './node-key-store.ts'
import { generateKeyPair, importKey } from './ssh-key.ts'
import { type CredentialContent, createCredentialStore } from './store.ts'
import type { SealedPlace, Vault } from './vault.ts'

interface CredentialTools {
  db: Database
  vault: Vault
  audit: Audit
  events: EventBus
  clock: Clock
  newId: NewId
}

/** What opens a node, before it is sealed. */
interface Opener {
  readonly kind: 'key' | 'password'
  readonly secret: Secret
  readonly publicKey: string | null
  readonly fingerprint: string | null
  readonly origin: 'generated' | 'uploaded'
}

/** Keeps what opens the nodes. Secrets go in; they come out only for the moment of a login. */
export function createCredentials({ db, vault, audit, events, clock, newId }: CredentialTools) {
  const store = createCredentialStore(db)
  const nodeKeys = createNodeKeyStore(db)

  const list = (): Promise<Credential[]> => store.list()

  /** Throws `credential.name_taken` and `key.*`. */
  async function create(wanted: CredentialCreate, actor: Actor): Promise<Credential> {
    const id = newId('cre')
    const content = seal(id, wanted, await openerOf(wanted))
    await db.write(async (tx) => {
      await store.insert(tx, id, content, content.secretSetAt)
      await audit.append(tx, { actor, action: 'credential.created', target: id, detail: toDetail(content) })
    })
    return get(id)
  }

  /** Replaces everything but the id; a sudo password that is not given is gone. Throws as `create` does. */
  async function replace(id: CredentialId, wanted: CredentialCreate, actor: Actor): Promise<Credential> {
    if (!(await store.exists(id))) throw fail('credential.not_found')
    const content = seal(id, wanted, await openerOf(wanted))
    await db.write(async (tx) => {
      if (await store.isRotating(tx, id)) throw fail('key.rotating')
      if (!(await store.update(tx, id, content))) throw fail('credential.not_found')
      // Whoever brings a new secret has put it on the nodes: it opens all of them from now on.
      const forgotten = await nodeKeys.removeOf(tx, id)
      const detail = { ...toDetail(content), ...(forgotten.length > 0 && { forgotten }) }
      await audit.append(tx, { actor, action: 'credential.replaced', target: id, detail })
    })
    events.emit('credential.replaced', { credentialId: id })
    return get(id)
  }

  /** Throws `credential.in_use` while a node needs it. */
  async function remove(id: CredentialId, actor: Actor): Promise<void> {
    await db.write(async (tx) => {
      const credential = await store.find(id, tx)
      if (!credential) throw fail('credential.not_found')
      await store.remove(tx, id)
      const { name, kind, fingerprint } = credential
      await audit.append(tx, {
        actor,
        action: 'credential.removed',
        target: id,
        detail: { name, kind, fingerprint },
      })
    })
  }

  async function get(id: CredentialId): Promise<Credential> {
    const credential = await store.find(id)
    if (!credential) throw fail('credential.not_found')
    return credential
  }

  /** Lends what opens a node, for as long as `use` takes. */
  async function withLogin<Result>(
    id: CredentialId,
    use: (login: Login) => Promise<Result>,
  ): Promise<Result> {
    const { kind, secret } = await sealedOf(id)
    return vault.lend(secretOf(id), secret, (opened) =>
      use(kind === 'key' ? { kind, privateKey: opened } : { kind, password: opened }),
    )
  }

  /** Lends the password for sudo, for as long as `use` takes; null when there is none. */
  async function withSudoPassword<Result>(
    id: CredentialId,
    use: (password: Secret | null) => Promise<Result>,
  ): Promise<Result> {
    const { sudoPassword } = await sealedOf(id)
    return sudoPassword ? vault.lend(sudoPasswordOf(id), sudoPassword, use) : use(null)
  }

  async function sealedOf(id: CredentialId) {
    const sealed = await store.sealed(id)
    if (!sealed) throw fail('credential.not_found')
    return sealed
  }

  /** What may be shown of the key that opens every node without one of its own; null for a password. */
  async function firstKey(id: CredentialId): Promise<KeyInForce | null> {
    const credential = await store.find(id)
    if (!credential) throw fail('credential.not_found')
    const { publicKey, fingerprint, isUploaded, secretSetAt } = credential
    if (publicKey === null || fingerprint === null) return null
    return { isOwn: false, isUploaded, publicKey, fingerprint, since: secretSetAt }
  }

  /** Puts a key in place of the one that is kept, which then is gone. */
  async function takeKey(
    tx: Tx,
    id: CredentialId,
    key: { secret: Secret; publicKey: string; fingerprint: string; since: string | null },
  ): Promise<void> {
    const { publicKey, fingerprint, since } = key
    const secret = vault.seal(secretOf(id), key.secret)
    const secretSetAt = since ?? clock.now().toISOString()
    await store.updateKey(tx, id, { secret, publicKey, fingerprint, secretSetAt, origin: 'generated' })
  }

  function seal(id: CredentialId, wanted: CredentialCreate, opener: Opener): CredentialContent {
    const { name, sudoPassword } = wanted
    return {
      name,
      kind: opener.kind,
      secret: vault.seal(secretOf(id), opener.secret),
      sudoPassword: sudoPassword === null ? null : vault.seal(sudoPasswordOf(id), sudoPassword),
      publicKey: opener.publicKey,
      fingerprint: opener.fingerprint,
      origin: opener.origin,
      secretSetAt: clock.now().toISOString(),
    }
  }

  return {
    list,
    create,
    replace,
    remove,
    withLogin,
    withSudoPassword,
    firstKey,
    takeKey,
    /** Inside a transaction with `tx`, so that nobody removes it in between. */
    exists: (id: CredentialId, tx?: Tx): Promise<boolean> => store.exists(id, tx),
  }
}
export type Credentials = ReturnType<typeof createCredentials>

const secretOf = (id: CredentialId): SealedPlace => ({ table: 'credential', column: 'secret', id })
const sudoPasswordOf = (id: CredentialId): SealedPlace => ({
  table: 'credential',
  column: 'sudo_password',
  id,
})

async function openerOf(wanted: CredentialCreate): Promise<Opener> {
  switch (wanted.kind) {
    case 'password':
      return {
        kind: 'password',
        secret: new Secret(wanted.password),
        publicKey: null,
        fingerprint: null,
        origin: 'uploaded',
      }
    case 'key': {
      const { privateKey, publicKey, fingerprint } = await importKey(wanted.privateKey, wanted.passphrase)
      return { kind: 'key', secret: privateKey, publicKey, fingerprint, origin: 'uploaded' }
    }
    case 'generate': {
      const { privateKey, publicKey, fingerprint } = await generateKeyPair(`carl: ${wanted.name}`)
      return { kind: 'key', secret: privateKey, publicKey, fingerprint, origin: 'generated' }
    }
  }
}

/** What the audit trail keeps: which secret it is, never the secret. */
const toDetail = ({ name, kind, fingerprint, sudoPassword }: CredentialContent) => ({
  name,
  kind,
  fingerprint,
  hasSudoPassword: sudoPassword !== null,
})
