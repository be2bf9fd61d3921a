import type { User } from '../../contract/accounts.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
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
import { createLoginLinks } from './login-links.ts'
import { hashPassword, isPassword, unusableHash } from './passwords.ts'
import { localActor, signedInUserId, strangerFrom, userIdOf } from './person.ts'
import { createSessions, type Origin, type SignedIn, type SignInWay } from './sessions.ts'
import { type Account, createAuthStore, toName, toUser } from './store.ts'
import { weaknessOf } from './strength.ts'
import { createHeldToken } from './token-text.ts'
import { createUsers } from './users.ts'

interface AuthTools {
  db: Database
  audit: Audit
  settings: Settings
  events: EventBus
  clock: Clock
  newId: NewId
  logger: Logger
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
  const sessions = createSessions({ ...tools, store })
  const users = createUsers({ ...tools, store, sessions })
  const tokens = createApiTokens({ ...tools, store })
  const links = createLoginLinks(clock)
  const setup = createHeldToken()
  const localDoor = createHeldToken()
  const byNetwork = createAttempts({ clock, most: mostPerNetwork, withinMs: limitedMs })
  const byName = createAttempts({ clock, most: mostPerName, withinMs: limitedMs })

  /** Finds who is behind a request; null when nobody is. */
  async function identify({ sessionToken, bearer, ip }: Claim): Promise<Actor | null> {
    if (bearer !== null) {
      return localDoor.isIt(bearer) ? { ...localActor, ip } : tokens.identify(bearer, ip)
    }
    return sessionToken === null ? null : sessions.identify(sessionToken, ip)
  }

  /** Throws `auth.wrong_credentials`, in the same words and time whether there is such a user or not. */
  async function login(
    { name, password }: { name: string; password: Secret },
    origin: Origin,
  ): Promise<SignedIn> {
    const key = toNameKey(name)
    byNetwork.count(networkOf(origin.ip))
    byName.count(key)
    const account = await store.userNamed(toName(name))
    if (!(await isPassword(password.reveal(), account?.passwordHash ?? null)) || !account) {
      await noteRefusal(origin, 'password', account?.name ?? null, name)
      throw fail('auth.wrong_credentials')
    }
    const signedIn = await sessions.start(origin, 'password', (tx) => unchanged(tx, account))
    byName.forget(key)
    return signedIn
  }

  /** Signs in by a one-time link. Throws `auth.wrong_credentials` when it was used already or is too old. */
  async function loginByLink(token: Secret, origin: Origin): Promise<SignedIn> {
    byNetwork.count(networkOf(origin.ip))
    const userId = links.take(token.reveal())
    if (userId === null) {
      await noteRefusal(origin, 'link', null, null)
      throw fail('auth.wrong_credentials', { detail: 'This link was used already or is too old.' })
    }
    return sessions.start(origin, 'link', async (tx) => {
      const account = await store.user(userId, tx)
      if (!account) throw fail('auth.wrong_credentials')
      return toUser(account)
    })
  }

  /** Makes a link that signs this user in, once, within ten minutes; whoever is missing is made an administrator. */
  async function createLoginLink({ userName }: { userName: string }): Promise<Secret> {
    const name = toName(userName)
    const passwordHash = await unusableHash()
    const { id } = await db.write(async (tx) => {
      const account =
        (await store.userNamed(name, tx)) ??
        (await users.add(tx, { name, role: 'admin', passwordHash }, localActor))
      const detail = { name: account.name }
      await audit.append(tx, { actor: localActor, action: 'login-link.created', target: account.id, detail })
      return account
    })
    return links.issue(id)
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
      await noteRefusal(origin, 'setup', null, null)
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
      await unchanged(tx, account)
      await store.setPassword(tx, account.id, passwordHash, clock.now().toISOString())
      const detail = { name: account.name }
      await audit.append(tx, { actor, action, target: account.id, detail })
      return sessions.endAllOf(tx, account.id, { but: actor.sessionId, actor, why: action })
    })
    sessions.tell(ended)
  }

  /** The account as it is now. A password that was replaced since it was checked lets nobody in any more. */
  async function unchanged(tx: Tx, { id, passwordHash }: Account): Promise<User> {
    const account = await store.user(id, tx)
    if (account?.passwordHash !== passwordHash) throw fail('auth.wrong_credentials')
    return toUser(account)
  }

  /**
   * Notes that somebody was not let in. A name that nobody has is not kept: people type their password into the wrong
   * field, so of it there is only what tells one series of attempts from another.
   */
  async function noteRefusal(
    { ip }: Origin,
    way: SignInWay,
    known: string | null,
    tried: string | null,
  ): Promise<void> {
    const detail =
      known === null && tried !== null
        ? { way, known: false, begins: [...tried].slice(0, 2).join(''), characters: [...tried].length }
        : { way, known: known !== null }
    await db.write((tx) =>
      audit.append(tx, { actor: strangerFrom(ip), action: 'session.refused', target: known, detail }),
    )
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
  async function current(actor: Actor): Promise<User> {
    const account = await store.user(userIdOf(actor))
    if (!account) throw fail('auth.required')
    return toUser(account)
  }

  return {
    identify,
    login,
    loginByLink,
    createLoginLink,
    isClaimed,
    setupToken,
    claim,
    ensureAdmin,
    changePassword,
    resetPassword,
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
  }
}
export type Auth = ReturnType<typeof createAuth>

const toNameKey = (name: string): string => toName(name).toLowerCase()

async function hashStrong(password: Secret, name: string): Promise<string> {
  const weakness = weaknessOf(password.reveal(), name)
  if (weakness !== null) throw fail('auth.password_too_weak', { detail: weakness })
  return hashPassword(password.reveal())
}
