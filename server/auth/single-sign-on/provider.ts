import type { AccessRules, Provider, ProviderChange } from '../../../contract/single-sign-on.ts'
import type { Audit } from '../../audit/audit.ts'
import type { Database, Tx } from '../../db/database.ts'
import type { Actor } from '../../lib/actor.ts'
import type { Clock } from '../../lib/clock.ts'
import { fail } from '../../lib/errors.ts'
import type { Client } from './connection.ts'
import { isLoopback } from './loopback.ts'
import type { Outsiders } from './outsiders.ts'
import { type ProviderStore, type Sealer, secretPlace, type StoredProvider } from './store.ts'

interface ProviderTools {
  db: Database
  store: ProviderStore
  outsiders: Outsiders
  vault: Sealer
  audit: Audit
  clock: Clock
}

/** The identity provider as an administrator has set it up, and who gets in by it. Its client secret goes in only. */
export function createProvider({ db, store, outsiders, vault, audit, clock }: ProviderTools) {
  async function get(): Promise<Provider | null> {
    const stored = await store.provider()
    return stored && toProvider(stored)
  }

  /** What it takes to talk to it. Throws `provider.not_set_up`, where asked to also while it is switched off. */
  async function client({ mustBeOn }: { mustBeOn: boolean }): Promise<Client> {
    const stored = await store.provider()
    if (!stored || (mustBeOn && !stored.enabled)) throw fail('provider.not_set_up')
    const { issuer, clientId, clientSecret, scopes, groupClaim, updatedAt } = stored
    return {
      issuer,
      clientId,
      clientSecret: clientSecret && vault.open(secretPlace, clientSecret),
      scopes,
      groupClaim,
      revision: updatedAt,
    }
  }

  /**
   * Sets it up. Whoever came by it leaves when it is another one, or switched off. Throws `provider.not_secure` and
   * `provider.secret_missing`.
   */
  async function change(wanted: ProviderChange, actor: Actor): Promise<Provider> {
    const { clientSecret, ...fields } = wanted
    const issuer = fields.issuer.replace(/\/\.well-known\/openid-configuration\/?$/, '')
    if (!issuer.startsWith('https:') && !isLoopback(issuer)) throw fail('provider.not_secure')
    const before = await store.provider()
    const isAnother = before !== null && before.issuer !== issuer
    // Or whoever may change the address could have the secret sent to a machine of theirs.
    if (isAnother && before.clientSecret && clientSecret === undefined) throw fail('provider.secret_missing')
    const next: StoredProvider = {
      ...fields,
      issuer,
      clientSecret:
        clientSecret === undefined
          ? (before?.clientSecret ?? null)
          : clientSecret === null
            ? null
            : vault.seal(secretPlace, clientSecret),
      updatedAt: clock.now().toISOString(),
    }
    const write = async (tx: Tx) => {
      await store.put(tx, next)
      const detail = {
        before: before && toProvider(before),
        after: toProvider(next),
        secret: clientSecret === undefined ? 'kept' : clientSecret === null ? 'removed' : 'replaced',
      }
      await audit.append(tx, { actor, action: 'provider.changed', target: issuer, detail })
    }
    if (before && (isAnother || (before.enabled && !next.enabled))) {
      await outsiders.endSessions(before.issuer, {}, { actor, why: 'provider changed' }, write)
    } else await db.write(write)
    return toProvider(next)
  }

  /** Throws `provider.not_set_up`. */
  async function remove(actor: Actor): Promise<void> {
    const before = await store.provider()
    if (!before) throw fail('provider.not_set_up')
    await outsiders.endSessions(before.issuer, {}, { actor, why: 'provider removed' }, async (tx) => {
      await store.remove(tx)
      const detail = { before: toProvider(before) }
      await audit.append(tx, { actor, action: 'provider.removed', target: before.issuer, detail })
    })
  }

  const rules = (): Promise<AccessRules> => store.rules()

  async function changeRules(wanted: AccessRules, actor: Actor): Promise<AccessRules> {
    await outsiders.applyRules(async (tx) => {
      const before = await store.rules(tx)
      await store.putRules(tx, wanted, clock.now().toISOString())
      const detail = { before, after: wanted }
      await audit.append(tx, { actor, action: 'access-rules.changed', target: null, detail })
    }, actor)
    return wanted
  }

  return { get, client, change, remove, rules, changeRules }
}
export type ProviderSetup = ReturnType<typeof createProvider>

const toProvider = ({ clientSecret, ...stored }: StoredProvider): Provider => ({
  ...stored,
  hasSecret: clientSecret !== null,
})
