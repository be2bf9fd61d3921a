import type { Me, User } from '../../contract/accounts.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import { type Actor, serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { NewId } from '../lib/id.ts'
import type { Logger } from '../lib/logger.ts'
import { Secret } from '../lib/secret.ts'
import type { Settings } from '../settings/settings.ts'
import { createApiTokens } from './api-tokens.ts'
import { createAttempts, networkOf } from './attempts.ts'
import { createBrakes } from './brakes.ts'
import { hashPassword, isPassword } from './passwords.ts'
import { localActor, signedInUserId, strangerFrom, userIdOf } from './person.ts'
import { createPresence } from './presence.ts'
import { createFactorChecks, type Sealer } from './second-factors/checks.ts'
import { createSecondFactors } from './second-factors/second-factors.ts'
import { createFactorStore } from './second-factors/store.ts'
import { createSessions, type Origin, type Sessions, type SignedIn } from './sessions.ts'
import { createSignIn } from './sign-in.ts'
import { createIdentityStore } from './single-sign-on/identities.ts'
import { type Account, type AuthStore, createAuthStore, toName, toNameKey, toUser } from './store.ts'
import { weaknessOf } from './strength.ts'
import { createHeldToken } from './token-text.ts'
import { createUsers, type Users } from './users.ts'

interface AuthTools {
  db: Database
  audit: Audit
  settings: Settings
  events: EventBus
  /** Keeps the secrets of authenticator apps. */
  vault: Sealer
  clock: Clock
  newId: NewId
  logger: Logger
}

/** What further ways to sign in are built from. */
export interface AuthParts {
  readonly store: AuthStore
  readonly sessions: Sessions
  readonly users: Users
}

/** What a request shows to say who it is from. A bearer token counts alone. */
export interface Claim {
  readonly sessionToken: string | null
  readonly bearer: string | null
  readonly ip: string
}

const limitedMs = 5 * 60_000
/** A household behind one address may mistype for a while; a guesser gets nowhere: 8,640 a day. */
const mostPerNetwork = 30
/** For one name from any number of addresses. Short, since it also keeps the owner out. */
const mostPerName = 10

/** Who may come in: passwords, sessions, tokens, the set-up of a new server, and the door for the command line. */
export function createAuth(tools: AuthTools) {
  const { db, audit, clock } = tools
  const store = createAuthStore(db)
  const factorStore = createFactorStore(db)
  const checks = createFactorChecks({ store: factorStore, sealer: tools.vault, clock })
  const lacksFactor = (user: User): Promise<boolean> => factors.isLacking(user)
  const sessions = createSessions({ ...tools, store, lacksFactor })
  const factors = createSecondFactors({
    ...tools,
    accounts: store,
    store: factorStore,
    checks,
    sessions,
    sealer: tools.vault,
  })
  const identities = createIdentityStore(db)
  const users = createUsers({ ...tools, store, factors: factorStore, sessions, identities })
  const parts: AuthParts = { store, sessions, users }
  const tokens = createApiTokens({ ...tools, store, lacksFactor })
  const setup = createHeldToken()
  const localDoor = createHeldToken()
  const byNetwork = createAttempts({ clock, most: mostPerNetwork, withinMs: limitedMs })
  const byName = createAttempts({ clock, most: mostPerName, withinMs: limitedMs })
  const brakes = createBrakes({ clock, byNetwork, byName })
  const signIn = createSignIn({ db, store, checks, sessions, users, audit, clock, byNetwork, brakes })
  const presence = createPresence({ db, store, checks, sessions, audit, byName })

  /** Finds who is behind a request; null when nobody is. */
  async function identify({ sessionToken, bearer, ip }: Claim): Promise<Actor | null> {
    if (bearer !== null) {
      return localDoor.isIt(bearer) ? { ...localActor, ip } : tokens.identify(bearer, ip)
    }
    return sessionToken === null ? null : sessions.identify(sessionToken, ip)
  }

  const isClaimed = (): Promise<boolean> => store.hasUsers()

  /** The token that makes whoever has it the first administrator; a new one with each call, null once there is one. */
  async function setupToken(): Promise<Secret | null> {
    return (await isClaimed()) ? null : setup.issue()
  }

  /**
   * Makes the first administrator and signs them in. Throws `auth.setup_done` when anybody was quicker,
   * `auth.setup_link_invalid` and `auth.password_too_weak`; the token stays good until it worked.
   */
  async function claim(
    { token, name, password }: { token: Secret; name: string; password: Secret },
    origin: Origin,
  ): Promise<SignedIn> {
    byNetwork.count(networkOf(origin.ip))
    if (await isClaimed()) throw fail('auth.setup_done')
    if (!setup.isIt(token.reveal())) {
      await signIn.noteRefusal(origin, 'setup', null, null)
      throw fail('auth.setup_link_invalid')
    }
    const passwordHash = await hashStrong(password, name)
    const signedIn = await sessions.start(origin, 'setup', async (tx) => {
      // Nobody else writes between this look and the end of the transaction.
      if (await store.hasUsers(tx)) throw fail('auth.setup_done')
      const actor = strangerFrom(origin.ip)
      const account = await users.add(tx, { name: toName(name), role: 'admin', passwordHash }, actor)
      const detail = { name: account.name }
      await audit.append(tx, { actor, action: 'setup.claimed', target: account.id, detail })
      return toUser(account)
    })
    setup.revoke()
    return signedIn
  }

  /** Throws as `claim` does when the token would not make an administrator; makes none. */
  async function checkSetupToken(token: Secret, origin: Origin): Promise<void> {
    byNetwork.count(networkOf(origin.ip))
    if (await isClaimed()) throw fail('auth.setup_done')
    if (setup.isIt(token.reveal())) return
    await signIn.noteRefusal(origin, 'setup', null, null)
    throw fail('auth.setup_link_invalid')
  }

  /** Makes the user "admin" while there is nobody; later the password given by the environment no longer counts. */
  async function ensureAdmin(password: Secret | null): Promise<void> {
    if (password === null || (await isClaimed())) return
    const name = 'admin'
    const passwordHash = await hashStrong(password, name)
    await db.write(async (tx) => {
      if (!(await store.hasUsers(tx))) {
        await users.add(tx, { name, role: 'admin', passwordHash }, serverActor)
      }
    })
    setup.revoke()
  }

  /** Sets another password; all other sessions of the user end. Throws `auth.wrong_credentials`, `auth.password_too_weak`. */
  async function changePassword(
    { current, password }: { current: Secret; password: Secret },
    actor: Actor,
  ): Promise<void> {
    const account = await store.user(signedInUserId(actor))
    if (!account) throw fail('auth.required')
    const key = toNameKey(account.name)
    // Whoever found an open browser could guess here as well as at the door.
    byName.count(key)
    if (!(await isPassword(current.reveal(), account.passwordHash))) {
      const detail = { known: true, way: 'password change' }
      const action = 'session.refused'
      await db.write((tx) => audit.append(tx, { actor, action, target: account.name, detail }))
      throw fail('auth.wrong_credentials', { detail: 'The current password is wrong.' })
    }
    await replacePassword(account, password, actor, 'password.changed')
    byName.forget(key)
  }

  /** For the command on the machine: the password is enough again; all sessions end. Throws `user.not_found`. */
  async function resetFactors(name: string): Promise<void> {
    const account = await store.userNamed(toName(name))
    if (!account) throw fail('user.not_found', { detail: `There is no user ${name.slice(0, 64)}.` })
    await users.removeFactors(account.id, localActor)
  }

  /** For the command on the machine: sets a password without the old one; all sessions end. Throws `user.not_found`. */
  async function resetPassword(name: string, password: Secret): Promise<void> {
    const account = await store.userNamed(toName(name))
    if (!account) throw fail('user.not_found', { detail: `There is no user ${name.slice(0, 64)}.` })
    await replacePassword(account, password, localActor, 'password.reset')
    byName.forget(toNameKey(account.name))
  }

  async function replacePassword(
    account: Account,
    password: Secret,
    actor: Actor,
    action: 'password.changed' | 'password.reset',
  ): Promise<void> {
    const passwordHash = await hashStrong(password, account.name)
    const ended = await db.write(async (tx) => {
      await signIn.unchanged(tx, account)
      await store.setPassword(tx, account.id, passwordHash, clock.now().toISOString())
      const detail = { name: account.name }
      await audit.append(tx, { actor, action, target: account.id, detail })
      return sessions.endAllOf(tx, account.id, { but: actor.sessionId, actor, why: action })
    })
    sessions.tell(ended)
  }

  /**
   * Ends the sessions whose time ran out without anybody asking for them again, and closes the sockets of tokens that
   * ran out: an open socket asks for nothing. Meant for every minute. Says how many sessions ended.
   */
  async function endOldSessions(): Promise<number> {
    await tokens.sweep()
    return sessions.sweep()
  }

  /** Who is signed in. */
  async function current(actor: Actor): Promise<Me> {
    const account = await store.user(userIdOf(actor))
    if (!account) throw fail('auth.required')
    return { ...toUser(account), mustAddFactor: actor.mustAddFactor }
  }

  return {
    identify,
    signIn,
    factors,
    presence,
    isClaimed,
    setupToken,
    claim,
    checkSetupToken,
    ensureAdmin,
    changePassword,
    resetPassword,
    resetFactors,
    current,
    /** Makes the token by which the command line on this machine comes in; a new one closes the door to the one before. */
    openLocalDoor: localDoor.issue,
    logout: sessions.logout,
    sessions: sessions.list,
    revokeSession: sessions.revoke,
    endOldSessions,
    tokens: tokens.list,
    createToken: tokens.create,
    revokeToken: tokens.revoke,
    users,
    /** What further ways to sign in are built from; for `single-sign-on/` alone. */
    parts,
  }
}
export type Auth = ReturnType<typeof createAuth>

async function hashStrong(password: Secret, name: string): Promise<string> {
  const weakness = weaknessOf(password.reveal(), name)
  if (weakness !== null) throw fail('auth.password_too_weak', { detail: weakness })
  return hashPassword(password.reveal())
}
