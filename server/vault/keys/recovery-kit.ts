import { randomUUID } from 'node:crypto'
import type { RecoveryKit } from '../../../contract/master-key.ts'
import type { Audit } from '../../audit/audit.ts'
import type { Database } from '../../db/database.ts'
import type { Actor } from '../../lib/actor.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Vault } from '../vault.ts'
import type { KitMark, KeyStore } from './store.ts'

interface KitTools {
  readonly db: Database
  readonly store: KeyStore
  readonly vault: Vault
  /** Where a key lies that is not kept by this server; see `describeKeyPlace`. */
  readonly place: () => string
  readonly audit: Audit
  readonly clock: Clock
}

/**
 * What brings the secrets back on another machine. It is the only thing that ever shows the master key, and every time
 * stands in the audit trail. A key that comes from elsewhere is not in it: whoever chose that place keeps it there.
 */
export function createRecoveryKit({ db, store, vault, place, audit, clock }: KitTools) {
  /** Hands the kit out. */
  async function make(actor: Actor): Promise<RecoveryKit> {
    const { id, source, reveal } = vault.key()
    const isOurs = source === 'generated' || source === 'passphrase'
    const instanceId = await mark('downloaded', actor, { keyId: id, source, holdsKey: isOurs })
    return {
      instanceId,
      keyId: id,
      source,
      key: isOurs ? reveal().reveal() : null,
      place: place(),
      madeAt: clock.now().toISOString(),
    }
  }

  /** Remembers that somebody does not want one. */
  async function decline(actor: Actor): Promise<void> {
    await mark('declined', actor, { keyId: vault.key().id })
  }

  async function mark(
    state: KitMark['state'],
    actor: Actor,
    detail: Record<string, unknown>,
  ): Promise<string> {
    const keyId = vault.key().id
    return db.write(async (tx) => {
      const instanceId = (await store.instanceId(tx)) ?? randomUUID()
      await store.putInstanceId(tx, instanceId)
      await store.putKit(tx, { keyId, state, at: clock.now().toISOString(), by: actor.name })
      await audit.append(tx, { actor, action: `recovery-kit.${state}`, target: keyId, detail })
      return instanceId
    })
  }

  /** What became of the kit of the key in use; a new key needs a new one. */
  async function state(): Promise<KitMark | null> {
    const kit = await store.kit()
    return kit?.keyId === vault.key().id ? kit : null
  }

  /** Names this very server, for good: kits and backups tell by it whose they are. */
  async function instanceId(): Promise<string> {
    const known = await store.instanceId()
    if (known !== null) return known
    return db.write(async (tx) => {
      const id = (await store.instanceId(tx)) ?? randomUUID()
      await store.putInstanceId(tx, id)
      return id
    })
  }

  return { make, decline, state, instanceId }
}
export type RecoveryKits = ReturnType<typeof createRecoveryKit>
