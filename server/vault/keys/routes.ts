import type { KeyStatus, masterKeyApi } from '../../../contract/master-key.ts'
import { fail } from '../../lib/errors.ts'
import type { Handlers } from '../../lib/routes.ts'
import { Secret } from '../../lib/secret.ts'
import type { Vault } from '../vault.ts'
import { describeKeyPlace, lookAtKeyPlace } from './place.ts'
import type { RecoveryKits } from './recovery-kit.ts'
import type { Rotation } from './rotation.ts'
import type { KeySources } from './sources.ts'
import type { KeyStore } from './store.ts'

interface KeyRoutesTools {
  readonly vault: Vault
  readonly store: KeyStore
  readonly sources: KeySources
  readonly rotation: Rotation
  readonly kits: RecoveryKits
}

export function createMasterKeyRoutes(tools: KeyRoutesTools): Handlers<typeof masterKeyApi> {
  const { vault, store, sources, rotation, kits } = tools

  async function status(): Promise<KeyStatus> {
    const { id, source } = vault.key()
    const kit = await kits.state()
    return {
      keyId: id,
      source,
      place: describeKeyPlace(sources, source),
      concerns: lookAtKeyPlace(sources, source),
      changedAt: (await store.history()).changedAt,
      rotation: await rotation.progress(),
      kit: kit && { state: kit.state, at: kit.at, by: kit.by },
    }
  }

  return {
    masterKey: {
      status,
      rotate: async ({ body: { to, passphrase } }, { actor }) => {
        await rotation.begin(
          { to: to ?? null, passphrase: passphrase === undefined ? null : new Secret(passphrase) },
          actor,
        )
        return status()
      },
      recoveryKit: (_, { actor }) => kits.make(actor),
      declineKit: async (_, { actor }) => {
        await kits.decline(actor)
        return status()
      },
      unseal: () => {
        throw fail('vault.not_sealed')
      },
    },
  }
}
