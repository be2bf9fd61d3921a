import type { Me, Session, User } from '../../contract/accounts.ts'
import type { SessionId, UserId } from '../../contract/ids.ts'
import { presenceMs } from '../../contract/second-factors.ts'
import type { Settings as Limits } from '../../contract/settings.ts'
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
import { personOf, signedInUserId, userIdOf } from './person.ts'
import type { AuthStore, StoredSession } from './store.ts'
import { hashOfToken, newTokenText } from './token-text.ts'

interface SessionTools {
  db: Database
  store: AuthStore
  audit: Audit
  settings: Settings
  events: EventBus
  clock: Clock
  newId: NewId
  logger: Logger
  /** Says whether somebody must add a second factor before anything else. */
  lacksFactor: (user: User) => Promise<boolean>
}

/** Where somebody signs in from. */
export interface Origin {
  readonly ip: string
  readonly userAgent: string | null
  /** The session this browser had until now, if any: it ends, for the new one takes its place. */
  readonly replaces: string | null
}

export interface SignedIn {
  readonly user: Me
  readonly token: Secret
  readonly expiresAt: Date
}

/** A session under its new token, and how long its owner counts as present. */
export interface Proven {
  readonly token: Secret
  readonly expiresAt: Date
  readonly until: Date
}

/**
 * By what a session was begun; `totp` and `recovery-code` after a password. After `oidc` and `proxy` no second factor of
 * ours is asked for: whoever vouches has asked for what they want (decision 23).
 */
export type SignInWay =
  | 'password'
  | 'totp'
  | 'recovery-code'
  | 'passkey'
  | 'link'
  | 'setup'
  | 'oidc'
  | 'proxy'

/** What a session may begin with besides the person. */
interface Beginning {
  /** Adds to the new session, in the same transaction. */
  readonly begun?: (tx: Tx, id: SessionId) => Promise<void>
  /** When the person last proved to be there; now, when left out, and null when nobody knows. */
  readonly provenAt?: Date | null
}

const hourMs = 3_600_000
/** The last use is written down at most this often. */
const touchEveryMs = 60_000

/**
 * The moment a session ends: some hours after its last use, and in any case some hours after it began. A limit that is
 * shortened counts for sessions that are open already; one that is lengthened does not revive the promise made to them.
 */
export function endOf(
  { createdAt, lastSeenAt, expiresAt }: Pick<StoredSession, 'createdAt' | 'lastSeenAt' | 'expiresAt'>,
  { sessionIdleHours, sessionMaxHours }: Pick<Limits, 'sessionIdleHours' | 'sessionMaxHours'>,
): Date {
  return new Date(
    Math.min(
      Date.parse(expiresAt),
      Date.parse(createdAt) + sessionMaxHours * hourMs,
      Date.parse(lastSeenAt) + sessionIdleHours * hourMs,
    ),
  )
}

/** A moment to come is none that was: a clock that was set back makes nobody present. */
const isPresent = (provenAt: string | null, nowMs: number): boolean => {
  const ageMs = provenAt === null ? Number.POSITIVE_INFINITY : nowMs - Date.parse(provenAt)
  return ageMs >= 0 && ageMs < presenceMs
}

/** Sessions of people in browsers. Every end is told by `session.ended`, so that sockets close with it. */
export function createSessions(tools: SessionTools) {
  const { db, store, audit, settings, events, clock, newId, logger, lacksFactor } = tools

  const isOver = (session: StoredSession): boolean => endOf(session, settings.get()) <= clock.now()

  /**
   * Begins a session, always a new one. `admit` says inside the transaction who it is for, or throws; with it the whole
   * sign-in is undone.
   */
  async function start(
    origin: Origin,
    way: SignInWay,
    admit: (tx: Tx) => Promise<User>,
    { begun = async () => {}, provenAt = clock.now() }: Beginning = {},
  ): Promise<SignedIn> {
    const token = newTokenText()
    const now = clock.now()
    const proven = provenAt?.toISOString() ?? null
    const expiresAt = new Date(now.getTime() + settings.get().sessionMaxHours * hourMs)
    const { user, ended } = await db.write(async (tx) => {
      const user = await admit(tx)
      const id = newId('ses')
      const actor = personOf(user, {
        sessionId: id,
        ip: origin.ip,
        isPresent: isPresent(proven, now.getTime()),
        mustAddFactor: false,
      })
      const before = origin.replaces && (await store.sessionByToken(hashOfToken(origin.replaces), tx))
      const ended = before ? await end(tx, [before], actor, 'replaced') : []
      const session = {
        id,
        userId: user.id,
        ip: origin.ip,
        userAgent: origin.userAgent,
        createdAt: now.toISOString(),
        lastSeenAt: now.toISOString(),
        expiresAt: expiresAt.toISOString(),
        provenAt: proven,
      }
      await store.insertSession(tx, session, hashOfToken(token))
      await begun(tx, id)
      const detail = { way, userAgent: origin.userAgent }
      await audit.append(tx, { actor, action: 'session.started', target: id, detail })
      return { user, ended }
    })
    tell(ended)
    const mustAddFactor = await lacksFactor(user)
    return { user: { ...user, mustAddFactor }, token: new Secret(token), expiresAt }
  }

  /** Who is signed in by this token, with the role they have now; null when the session is unknown or over. */
  async function identify(token: string, ip: string): Promise<Actor | null> {
    const session = await store.sessionByToken(hashOfToken(token))
    if (!session) return null
    if (isOver(session)) {
      await endOver([session])
      return null
    }
    const nowMs = clock.now().getTime()
    if (Math.abs(nowMs - Date.parse(session.lastSeenAt)) >= touchEveryMs) await touch(session.id)
    return personOf(session.user, {
      sessionId: session.id,
      ip,
      isPresent: isPresent(session.provenAt, nowMs),
      mustAddFactor: await lacksFactor(session.user),
    })
  }

  /**
   * Notes in the caller's transaction that somebody proved to be there. The session goes on under a new token, as after
   * a sign-in. Throws `auth.required` when it ended meanwhile.
   */
  async function prove(tx: Tx, id: SessionId): Promise<Proven> {
    const token = newTokenText()
    const now = clock.now()
    const expiresAt = await store.renewSession(tx, id, hashOfToken(token), now.toISOString())
    if (expiresAt === undefined) throw fail('auth.required')
    return {
      token: new Secret(token),
      expiresAt: new Date(expiresAt),
      until: new Date(now.getTime() + presenceMs),
    }
  }

  /** On a full disk people must still get in to look, so this alone refuses nobody. */
  async function touch(id: SessionId): Promise<void> {
    try {
      await db.write((tx) => store.touchSession(tx, id, clock.now().toISOString()))
    } catch (error) {
      logger.warn({ err: error, sessionId: id }, 'last use of a session not written')
    }
  }

  /** The open sessions of whoever asks, newest first. */
  async function list(actor: Actor): Promise<Session[]> {
    const open = (await store.sessions(userIdOf(actor))).filter((session) => !isOver(session))
    return open.map(({ userId: _, provenAt: __, ...session }) => ({
      ...session,
      current: session.id === actor.sessionId,
      expiresAt: endOf({ ...session }, settings.get()).toISOString(),
    }))
  }

  /** Ends one of one's own. Throws `request.not_found` for any other. */
  async function revoke(id: SessionId, actor: Actor): Promise<void> {
    const userId = signedInUserId(actor)
    const ended = await db.write(async (tx) => {
      const session = (await store.sessions(userId, tx)).find((one) => one.id === id)
      if (!session) throw fail('request.not_found', { detail: 'There is no such session.' })
      return end(tx, [session], actor, 'revoked')
    })
    tell(ended)
  }

  /** Ends the session one acts through; whoever came with a token has none to end. */
  async function logout(actor: Actor): Promise<void> {
    const { userId, sessionId } = actor
    if (userId === null || sessionId === null) return
    const ended = await db.write(async (tx) => {
      const sessions = await store.sessions(userId, tx)
      return end(
        tx,
        sessions.filter(({ id }) => id === sessionId),
        actor,
        'signed out',
      )
    })
    tell(ended)
  }

  /** Ends all of a user but one, in the transaction of why; `tell` what it returns once that is through. */
  async function endAllOf(
    tx: Tx,
    userId: UserId,
    { but, actor, why }: { but: SessionId | null; actor: Actor; why: string },
  ): Promise<StoredSession[]> {
    const others = (await store.sessions(userId, tx)).filter(({ id }) => id !== but)
    return end(tx, others, actor, why)
  }

  /** Ends what nobody asked for again since its time ran out, so that its sockets close too. */
  async function sweep(): Promise<number> {
    return endOver((await store.sessions(null)).filter(isOver))
  }

  async function endOver(sessions: readonly StoredSession[]): Promise<number> {
    if (sessions.length === 0) return 0
    const ended = await db.write((tx) => end(tx, sessions, serverActor, 'expired'))
    tell(ended)
    return ended.length
  }

  async function end(
    tx: Tx,
    sessions: readonly StoredSession[],
    actor: Actor,
    why: string,
  ): Promise<StoredSession[]> {
    const ended: StoredSession[] = []
    for (const session of sessions) {
      // Somebody else may have been quicker: an end is told once.
      if (!(await store.removeSession(tx, session.id))) continue
      ended.push(session)
      const detail = { userId: session.userId, why }
      await audit.append(tx, { actor, action: 'session.ended', target: session.id, detail })
    }
    return ended
  }

  function tell(ended: readonly StoredSession[]): void {
    for (const { id, userId } of ended) events.emit('session.ended', { userId, sessionId: id })
  }

  return { start, identify, prove, list, revoke, logout, endAllOf, endThese: end, tell, sweep }
}
export type Sessions = ReturnType<typeof createSessions>
