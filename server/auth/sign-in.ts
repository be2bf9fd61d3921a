import type { SignInReply, User } from '../../contract/accounts.ts'
import type { UserId } from '../../contract/ids.ts'
import type { WebAuthnResponse } from '../../contract/second-factors.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import { fail, isAppError } from '../lib/errors.ts'
import { Secret } from '../lib/secret.ts'
import { type Attempts, networkOf } from './attempts.ts'
import type { Brakes } from './brakes.ts'
import { createOneTime } from './one-time.ts'
import { isPassword, noPassword } from './passwords.ts'
import { localActor, strangerFrom } from './person.ts'
import type { FactorChecks } from './second-factors/checks.ts'
import type { Origin, Sessions, SignedIn, SignInWay } from './sessions.ts'
import { type Account, type AuthStore, toName, toNameKey, toUser } from './store.ts'
import type { Users } from './users.ts'

interface SignInTools {
  db: Database
  store: AuthStore
  checks: FactorChecks
  sessions: Sessions
  users: Users
  audit: Audit
  clock: Clock
  byNetwork: Attempts
  brakes: Brakes
}

/** What the password led to: in, or to the question for the second factor. */
export type AfterPassword =
  | (SignedIn & { readonly kind: 'signed-in' })
  | Extract<SignInReply, { kind: 'second-factor' }>

/** Long enough to copy a link from a terminal to a browser. */
const linkMs = 10 * 60_000
/** Between the password and the second factor. */
const secondStepMs = 5 * 60_000

/** The ways in. Until the last step is through there is no session, and so nothing that half of it could be used for. */
export function createSignIn(tools: SignInTools) {
  const { db, store, checks, sessions, users, audit, clock, byNetwork, brakes } = tools
  const links = createOneTime<UserId>({ clock, validMs: linkMs })
  const halfWay = createOneTime<Account>({ clock, validMs: secondStepMs })

  /** Throws `auth.wrong_credentials`, in the same words and time whether there is such a user or not. */
  async function login(
    { name, password }: { name: string; password: Secret },
    origin: Origin,
  ): Promise<AfterPassword> {
    const key = toNameKey(name)
    brakes.count(key, origin.ip)
    const account = await store.userNamed(toName(name))
    if (!(await isPassword(password.reveal(), account?.passwordHash ?? null)) || !account) {
      await noteRefusal(origin, 'password', account?.name ?? null, name)
      throw fail('auth.wrong_credentials')
    }
    const ways = await checks.waysOf(account.id)
    if (ways.length > 0) {
      brakes.forget(key, origin.ip)
      return { kind: 'second-factor', token: halfWay.issue(account).reveal(), ways }
    }
    const signedIn = await sessions.start(origin, 'password', (tx) => unchanged(tx, account))
    brakes.remember(key, origin.ip)
    return { kind: 'signed-in', ...signedIn }
  }

  /** Finishes what `login` began. Throws `auth.wrong_code` and `auth.sign_in_expired`. */
  async function secondFactor(
    { token, way, code }: { token: string; way: 'totp' | 'recovery-code'; code: string },
    origin: Origin,
  ): Promise<SignedIn> {
    byNetwork.count(networkOf(origin.ip))
    const account = halfWay.look(token)
    if (!account) throw fail('auth.sign_in_expired')
    checks.countCode(account.id)
    const signedIn = await noting(origin, way, account.name, () =>
      sessions.start(origin, way, async (tx) => {
        await checks.useCode(tx, account.id, { way, code })
        return unchanged(tx, account)
      }),
    )
    halfWay.take(token)
    checks.forgetCodes(account.id)
    brakes.remember(toNameKey(account.name), origin.ip)
    return signedIn
  }

  /** What a passkey has to sign: one of whoever gave a password, or any. */
  async function askPasskey(token: string | undefined, { ip, host }: { ip: string; host: string | null }) {
    byNetwork.count(networkOf(ip))
    const account = token === undefined ? null : halfWay.look(token)
    if (token !== undefined && !account) throw fail('auth.sign_in_expired')
    return checks.askPasskey(account?.id ?? null, host)
  }

  /**
   * Signs in with a passkey, which needs no password: the key and what unlocked it are two factors. Throws
   * `auth.passkey_refused` and `auth.sign_in_expired`.
   */
  async function byPasskey(
    answer: { token: string; response: WebAuthnResponse },
    origin: Origin,
    host: string | null,
  ): Promise<SignedIn> {
    byNetwork.count(networkOf(origin.ip))
    return noting(origin, 'passkey', null, async () => {
      const use = await checks.checkPasskey(answer, host)
      return sessions.start(origin, 'passkey', async (tx) => {
        await checks.usePasskey(tx, use)
        return userOf(tx, use.passkey.userId)
      })
    })
  }

  /** Signs in by a one-time link. Throws `auth.wrong_credentials` when it was used already or is too old. */
  async function byLink(token: Secret, origin: Origin): Promise<SignedIn> {
    byNetwork.count(networkOf(origin.ip))
    const userId = links.take(token.reveal())
    if (userId === null) {
      await noteRefusal(origin, 'link', null, null)
      throw fail('auth.wrong_credentials', { detail: 'This link was used already or is too old.' })
    }
    return sessions.start(origin, 'link', (tx) => userOf(tx, userId))
  }

  /** Makes a link that signs this user in, once, within ten minutes; whoever is missing is made an administrator. */
  async function createLink({ userName }: { userName: string }): Promise<Secret> {
    const name = toName(userName)
    const { id } = await db.write(async (tx) => {
      const account =
        (await store.userNamed(name, tx)) ??
        (await users.add(tx, { name, role: 'admin', passwordHash: noPassword }, localActor))
      const detail = { name: account.name }
      await audit.append(tx, { actor: localActor, action: 'login-link.created', target: account.id, detail })
      return account
    })
    return links.issue(id)
  }

  /** The account as it is now. A password that was replaced since it was checked lets nobody in any more. */
  async function unchanged(tx: Tx, { id, passwordHash }: Account): Promise<User> {
    const account = await store.user(id, tx)
    if (account?.passwordHash !== passwordHash) throw fail('auth.wrong_credentials')
    return toUser(account)
  }

  async function userOf(tx: Tx, id: UserId): Promise<User> {
    const account = await store.user(id, tx)
    if (!account) throw fail('auth.wrong_credentials')
    return toUser(account)
  }

  /** Runs a step of signing in; when it refuses, that is noted. */
  async function noting(
    origin: Origin,
    way: SignInWay,
    name: string | null,
    step: () => Promise<SignedIn>,
  ): Promise<SignedIn> {
    try {
      return await step()
    } catch (error) {
      if (isAppError(error) && (error.code === 'auth.wrong_code' || error.code === 'auth.passkey_refused')) {
        await noteRefusal(origin, way, name, null)
      }
      throw error
    }
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

  return { login, secondFactor, askPasskey, byPasskey, byLink, createLink, unchanged, noteRefusal }
}
export type SignIn = ReturnType<typeof createSignIn>
