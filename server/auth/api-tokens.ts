import type { ApiToken, accountsApi, User } from '../../contract/accounts.ts'
import type { Request } from '../../contract/endpoint.ts'
import type { TokenId, UserId } from '../../contract/ids.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { NewId } from '../lib/id.ts'
import type { Logger } from '../lib/logger.ts'
import { Secret } from '../lib/secret.ts'
import { isAbove, lowerOf, signedInUserId, userIdOf } from './person.ts'
import type { AuthStore, TokenOfUser } from './store.ts'
import { hashOfToken, newTokenText } from './token-text.ts'

interface ApiTokenTools {
  db: Database
  store: AuthStore
  audit: Audit
  events: EventBus
  clock: Clock
  newId: NewId
  logger: Logger
  /** As for sessions: a token of theirs may no more than they may. */
  lacksFactor: (user: User) => Promise<boolean>
}

type TokenWanted = Request<(typeof accountsApi)['account']['createToken']>['body']

/** So that a scanner, and a person, know one when they see it. */
const mark = 'carl_'
const shownLength = mark.length + 6
/** The last use is written down at most this often. */
const touchEveryMs = 60_000

/** Tokens for scripts. Each stands for its owner with at most the owner's role, as that is when it is used. */
export function createApiTokens({
  db,
  store,
  audit,
  events,
  clock,
  newId,
  logger,
  lacksFactor,
}: ApiTokenTools) {
  let sweptUntil = clock.now().toISOString()

  const list = (actor: Actor): Promise<ApiToken[]> => store.tokens(userIdOf(actor))

  /** Makes one; its text is given out this once. Throws `auth.forbidden` for a role above one's own. */
  async function create(wanted: TokenWanted, actor: Actor): Promise<{ token: ApiToken; text: Secret }> {
    const userId = signedInUserId(actor)
    if (isAbove(wanted.role, actor.role)) {
      throw fail('auth.forbidden', { detail: `A token of yours can be ${actor.role} at most.` })
    }
    const now = clock.now()
    if (wanted.expiresAt !== null && Date.parse(wanted.expiresAt) <= now.getTime()) {
      throw fail('request.invalid', { issues: [{ path: 'expiresAt', message: 'Give a time to come' }] })
    }
    const text = `${mark}${newTokenText()}`
    const token: ApiToken = {
      id: newId('tok'),
      name: wanted.name,
      prefix: text.slice(0, shownLength),
      role: wanted.role,
      scopes: wanted.scopes,
      createdAt: now.toISOString(),
      expiresAt: wanted.expiresAt,
      lastUsedAt: null,
    }
    await db.write(async (tx) => {
      await store.insertToken(tx, userId, token, hashOfToken(text))
      const { name, prefix, role, scopes, expiresAt } = token
      const detail = { name, prefix, role, scopes, expiresAt }
      await audit.append(tx, { actor, action: 'token.created', target: token.id, detail })
    })
    return { token, text: new Secret(text) }
  }

  /** Throws `token.not_found` for one that is not one's own. */
  async function revoke(id: TokenId, actor: Actor): Promise<void> {
    const userId = signedInUserId(actor)
    await db.write(async (tx) => {
      const token = await store.removeToken(tx, userId, id)
      if (!token) throw fail('token.not_found')
      const detail = { name: token.name, prefix: token.prefix }
      await audit.append(tx, { actor, action: 'token.revoked', target: id, detail })
    })
    closeSockets(userId)
  }

  /** Closes the sockets of those whose tokens ran out since the last time. */
  async function sweep(): Promise<void> {
    const until = clock.now().toISOString()
    for (const userId of await store.ownersOfExpired(sweptUntil, until)) closeSockets(userId)
    sweptUntil = until
  }

  /** A socket knows its user but not its token, so all of the user close; the others come back by themselves. */
  function closeSockets(userId: UserId): void {
    events.emit('session.ended', { userId, sessionId: null })
  }

  /** Whom a token stands for; null when it is unknown, revoked or too old. */
  async function identify(text: string, ip: string): Promise<Actor | null> {
    if (!text.startsWith(mark)) return null
    const token = await store.tokenByHash(hashOfToken(text))
    const now = clock.now()
    if (!token || (token.expiresAt !== null && Date.parse(token.expiresAt) <= now.getTime())) return null
    await touch(token, now)
    const { user, name, role, scopes } = token
    return {
      name: `token:${name}`,
      role: lowerOf(role, user.role),
      userId: user.id,
      sessionId: null,
      ip,
      scopes,
      isPresent: false,
      mustAddFactor: await lacksFactor(user),
    }
  }

  /** As with sessions: what cannot be written on a full disk must not keep anybody out. */
  async function touch({ id, lastUsedAt }: TokenOfUser, now: Date): Promise<void> {
    const isFresh = lastUsedAt !== null && Math.abs(now.getTime() - Date.parse(lastUsedAt)) < touchEveryMs
    if (isFresh) return
    try {
      await db.write((tx) => store.touchToken(tx, id, now.toISOString()))
    } catch (error) {
      logger.warn({ err: error, tokenId: id }, 'last use of a token not written')
    }
  }

  return { list, create, revoke, identify, sweep }
}
