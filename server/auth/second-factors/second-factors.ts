import type { User } from '../../../contract/accounts.ts'
import type { PasskeyId, UserId } from '../../../contract/ids.ts'
import type { Role } from '../../../contract/permissions.ts'
import type { Factors, Passkey, WebAuthnResponse } from '../../../contract/second-factors.ts'
import type { Settings as Values } from '../../../contract/settings.ts'
import type { Audit } from '../../audit/audit.ts'
import type { Database, Tx } from '../../db/database.ts'
import type { Actor } from '../../lib/actor.ts'
import type { Clock } from '../../lib/clock.ts'
import { fail } from '../../lib/errors.ts'
import type { NewId } from '../../lib/id.ts'
import type { Settings } from '../../settings/settings.ts'
import { createOneTime } from '../one-time.ts'
import { noPassword } from '../passwords.ts'
import { signedInUserId, userIdOf } from '../person.ts'
import type { Sessions } from '../sessions.ts'
import { type Account, type AuthStore, toUser } from '../store.ts'
import { type FactorChecks, type Sealer, totpPlace } from './checks.ts'
import { checkCreation, creationOptions, originsOf, type PasskeyChallenge, passkeyHost } from './passkeys.ts'
import { hashOfRecoveryCode, newRecoveryCodes } from './recovery-codes.ts'
import { type FactorStore, toPasskey } from './store.ts'
import { newTotpSecret, stepOfCode, totpUri } from './totp.ts'

interface FactorTools {
  db: Database
  accounts: AuthStore
  store: FactorStore
  checks: FactorChecks
  sessions: Sessions
  sealer: Sealer
  settings: Settings
  audit: Audit
  clock: Clock
  newId: NewId
}

/** As long as somebody needs to find the phone and to scan the code. */
const setUpMs = 15 * 60_000

/** Whether the settings ask a second factor of this role. */
export const isFactorRequired = (role: Role, whom: Values['secondFactorRequired']): boolean =>
  whom === 'everybody' || (whom === 'admins' && role === 'admin')

/** The second factors of an account: its owner adds and removes them. With each change all other sessions end. */
export function createSecondFactors(tools: FactorTools) {
  const { db, accounts, store, checks, sessions, sealer, settings, audit, clock, newId } = tools
  const openTotps = createOneTime<{ userId: UserId; secret: string }>({ clock, validMs: setUpMs })
  const openPasskeys = createOneTime<PasskeyChallenge & { userId: UserId }>({ clock, validMs: setUpMs })

  /** What whoever asks can prove to be themselves with. */
  async function list(actor: Actor): Promise<Factors> {
    const userId = userIdOf(actor)
    const account = await accountOf(userId)
    return { hasPassword: hasPassword(account), ...(await store.factors(userId)) }
  }

  /** Makes a secret to share with an app. Nothing is asked of anybody before `addTotp`. */
  async function beginTotp(actor: Actor): Promise<{ token: string; secret: string; uri: string }> {
    const account = await presentAccount(actor)
    const secret = newTotpSecret()
    return {
      token: openTotps.issue({ userId: account.id, secret }).reveal(),
      secret,
      uri: totpUri({ secret, userName: account.name, server: 'Carl' }),
    }
  }

  /** Turns the app on, in place of one there was. Throws `auth.wrong_code` and `auth.sign_in_expired`. */
  async function addTotp(
    { token, code }: { token: string; code: string },
    actor: Actor,
  ): Promise<{ recoveryCodes: string[] | null }> {
    const { id: userId } = await presentAccount(actor)
    const begun = openTotps.look(token)
    if (begun?.userId !== userId) throw fail('auth.sign_in_expired')
    checks.countCode(userId)
    const step = stepOfCode(code, begun.secret, clock.now())
    if (step === null) throw fail('auth.wrong_code')
    const recoveryCodes = await change(actor, userId, 'factor.added', { kind: 'totp' }, async (tx) => {
      await store.removeTotp(tx, userId)
      const secret = sealer.seal(totpPlace(userId), begun.secret)
      const createdAt = clock.now().toISOString()
      await store.insertTotp(tx, userId, { secret, lastStep: step, createdAt })
      return firstRecoveryCodes(tx, userId)
    })
    openTotps.take(token)
    checks.forgetCodes(userId)
    return { recoveryCodes }
  }

  /** Throws `request.not_found` and `auth.factor_required`. */
  async function removeTotp(actor: Actor): Promise<void> {
    const userId = signedInUserId(actor)
    await change(actor, userId, 'factor.removed', { kind: 'totp' }, async (tx) => {
      if (!(await store.removeTotp(tx, userId))) throw notThere('authenticator app')
      await afterRemoval(tx, userId)
    })
  }

  /** What a new passkey has to sign. Throws `auth.passkeys_unavailable`. */
  async function passkeyOptions(
    actor: Actor,
    host: string | null,
  ): Promise<{ token: string; options: Record<string, unknown> }> {
    const account = await presentAccount(actor)
    const name = passkeyHost(host)
    const { options, challenge } = await creationOptions(
      toUser(account),
      await store.passkeys(account.id),
      name,
    )
    return { token: openPasskeys.issue({ userId: account.id, challenge, host: name }).reveal(), options }
  }

  /** Throws `auth.passkey_refused` and `auth.sign_in_expired`. */
  async function addPasskey(
    { token, name, response }: { token: string; name: string; response: WebAuthnResponse },
    actor: Actor,
    host: string | null,
  ): Promise<{ passkey: Passkey; recoveryCodes: string[] | null }> {
    const { id: userId } = await presentAccount(actor)
    const begun = openPasskeys.take(token)
    if (begun?.userId !== userId || host === null) throw fail('auth.sign_in_expired')
    const made = await checkCreation(response, begun, originsOf(host))
    if (await store.passkeyByCredential(made.credentialId)) throw fail('auth.passkey_refused')
    const createdAt = clock.now().toISOString()
    const passkey = {
      ...made,
      id: newId('pky'),
      userId,
      name,
      host: begun.host,
      createdAt,
      lastUsedAt: null,
    }
    const recoveryCodes = await change(
      actor,
      userId,
      'factor.added',
      { kind: 'passkey', name },
      async (tx) => {
        await store.insertPasskey(tx, passkey)
        return firstRecoveryCodes(tx, userId)
      },
    )
    return { passkey: toPasskey(passkey), recoveryCodes }
  }

  /** Throws `request.not_found` for one that is not one's own, and `auth.factor_required`. */
  async function removePasskey(id: PasskeyId, actor: Actor): Promise<void> {
    const userId = signedInUserId(actor)
    await change(actor, userId, 'factor.removed', { kind: 'passkey', id }, async (tx) => {
      if (!(await store.removePasskey(tx, userId, id))) throw notThere('passkey')
      await afterRemoval(tx, userId)
    })
  }

  /** Ten new ones in place of the old. Throws `auth.no_factor`. */
  async function renewRecoveryCodes(actor: Actor): Promise<string[]> {
    const userId = signedInUserId(actor)
    return change(actor, userId, 'recovery-codes.created', {}, async (tx) => {
      if (!(await store.hasFactor(userId, tx))) throw fail('auth.no_factor')
      return setRecoveryCodes(tx, userId)
    })
  }

  /** Says whether somebody must add a factor before anything else. Whoever has no password signs in another way. */
  async function isLacking({ id, role }: Pick<User, 'id' | 'role'>): Promise<boolean> {
    if (!isFactorRequired(role, settings.get().secondFactorRequired)) return false
    const account = await accounts.user(id)
    return account !== undefined && hasPassword(account) && !(await store.hasFactor(id))
  }

  /** The owner, who has just proved to be there: a stolen session must not make itself a key of its own. */
  async function presentAccount(actor: Actor): Promise<Account> {
    const account = await accountOf(signedInUserId(actor))
    const couldProve = hasPassword(account) || (await store.hasFactor(account.id))
    if (!actor.isPresent && couldProve) throw fail('auth.step_up_required')
    return account
  }

  async function accountOf(userId: UserId): Promise<Account> {
    const account = await accounts.user(userId)
    if (!account) throw fail('auth.required')
    return account
  }

  /** Changes what somebody proves themselves with, audited; all their other sessions and sockets end. */
  async function change<Result>(
    actor: Actor,
    userId: UserId,
    action: 'factor.added' | 'factor.removed' | 'recovery-codes.created',
    detail: Record<string, string>,
    work: (tx: Tx) => Promise<Result>,
  ): Promise<Result> {
    const { result, ended } = await db.write(async (tx) => {
      const result = await work(tx)
      await audit.append(tx, { actor, action, target: userId, detail })
      const ended = await sessions.endAllOf(tx, userId, { but: actor.sessionId, actor, why: action })
      return { result, ended }
    })
    sessions.tell(ended)
    return result
  }

  async function firstRecoveryCodes(tx: Tx, userId: UserId): Promise<string[] | null> {
    return (await store.recoveryCodesLeft(userId, tx)) > 0 ? null : setRecoveryCodes(tx, userId)
  }

  async function setRecoveryCodes(tx: Tx, userId: UserId): Promise<string[]> {
    const codes = newRecoveryCodes()
    await store.setRecoveryCodes(tx, userId, codes.map(hashOfRecoveryCode))
    return codes
  }

  /** Recovery codes go with the last factor; that itself stays where the settings ask for one. */
  async function afterRemoval(tx: Tx, userId: UserId): Promise<void> {
    if (await store.hasFactor(userId, tx)) return
    const account = await accounts.user(userId, tx)
    const whom = settings.get().secondFactorRequired
    if (account && isFactorRequired(account.role, whom)) throw fail('auth.factor_required')
    await store.setRecoveryCodes(tx, userId, [])
  }

  return {
    list,
    beginTotp,
    addTotp,
    removeTotp,
    passkeyOptions,
    addPasskey,
    removePasskey,
    renewRecoveryCodes,
    isLacking,
  }
}
export type SecondFactors = ReturnType<typeof createSecondFactors>

const hasPassword = ({ passwordHash }: Account): boolean => passwordHash !== noPassword

const notThere = (what: string) => fail('request.not_found', { detail: `You have no such ${what}.` })
