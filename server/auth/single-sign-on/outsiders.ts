import type { UserId } from '../../../contract/ids.ts'
import type { AccessRules } from '../../../contract/single-sign-on.ts'
import type { Audit } from '../../audit/audit.ts'
import type { Database, Tx } from '../../db/database.ts'
import { type Actor, serverActor } from '../../lib/actor.ts'
import type { Clock } from '../../lib/clock.ts'
import { fail } from '../../lib/errors.ts'
import type { EventBus } from '../../lib/events.ts'
import type { Auth } from '../auth.ts'
import { strangerFrom } from '../person.ts'
import { noPassword } from '../passwords.ts'
import type { Origin, SignedIn, SignInWay } from '../sessions.ts'
import { toUser } from '../store.ts'
import { roleFor } from './claims.ts'
import type { Identity, IdentityStore, Outsider } from './identities.ts'
import type { ProviderStore } from './store.ts'

interface OutsiderTools {
  db: Database
  parts: Auth['parts']
  identities: IdentityStore
  providers: ProviderStore
  audit: Audit
  events: EventBus
  clock: Clock
}

/** Somebody for whom the provider or the proxy vouches, as it tells of them now. */
export interface Arrival extends Outsider {
  readonly groups: readonly string[]
  /** The name a new account gets. */
  readonly name: string
  /** What the provider calls the session. */
  readonly sid: string | null
  /**
   * When the person showed who they are, not merely that somebody once did at this browser; null when nobody says. A way in
   * that opens by itself must not pass for a proof of presence.
   */
  readonly authenticatedAt: Date | null
}

/**
 * The accounts of people from outside. Who somebody is, issuer and subject say and nothing else: neither a name nor an
 * e-mail address ever leads to an account that is there already. What they may do, their groups say, at each sign-in.
 */
export function createOutsiders(tools: OutsiderTools) {
  const { db, parts, identities, providers, audit, events, clock } = tools
  const { store, sessions, users } = parts

  /** Signs somebody in, with an account of their own from the first time on. Throws `provider.no_access`. */
  async function signIn(arrival: Arrival, way: SignInWay, origin: Origin): Promise<SignedIn> {
    if (!(await recognise(arrival, origin.ip))) {
      const { issuer, subject } = arrival
      const detail = { way, why: 'provider.no_access', issuer, subject }
      const actor = strangerFrom(origin.ip)
      await db.write((tx) => audit.append(tx, { actor, action: 'session.refused', target: null, detail }))
      throw fail('provider.no_access')
    }
    return sessions.start(
      origin,
      way,
      async (tx) => {
        const identity = await identities.find(tx, arrival)
        const account = identity && (await store.user(identity.userId, tx))
        // Removed, or lost their groups, since.
        if (!account || identity.role === null) throw fail('provider.no_access')
        return toUser(account)
      },
      {
        begun: (tx, sessionId) => identities.insertSession(tx, sessionId, arrival, arrival.sid),
        provenAt: arrival.authenticatedAt,
      },
    )
  }

  /** Takes over the groups somebody has now. Says whether they get in; who does not and was never in leaves no account. */
  async function recognise(arrival: Arrival, ip: string): Promise<boolean> {
    const actor = { ...serverActor, ip }
    return settle(async (tx, settleOne) => {
      const rules = await providers.rules(tx)
      const found = await identities.find(tx, arrival)
      if (found) {
        const now = clock.now().toISOString()
        const role = await settleOne(found, arrival.groups, rules, actor)
        await identities.update(tx, found.userId, { groups: arrival.groups, role, seenAt: now })
        return role !== null
      }
      const role = roleFor(arrival.groups, rules)
      if (role === null) return false
      const { issuer, subject, groups } = arrival
      const name = await freeName(tx, arrival.name)
      const { id: userId } = await users.add(tx, { name, role, passwordHash: noPassword }, actor)
      const now = clock.now().toISOString()
      await identities.insert(tx, { issuer, subject, userId, groups, role, pinned: false }, now)
      const detail = { name, issuer, subject }
      await audit.append(tx, { actor, action: 'user.vouched-for', target: userId, detail })
      return true
    })
  }

  /** Gives everybody from outside the role that the rules give now. */
  async function applyRules(change: (tx: Tx) => Promise<void>, actor: Actor): Promise<void> {
    await settle(async (tx, settleOne) => {
      await change(tx)
      const rules = await providers.rules(tx)
      for (const identity of await identities.list(tx)) {
        const role = await settleOne(identity, identity.groups, rules, actor)
        await identities.update(tx, identity.userId, { role })
      }
    })
  }

  type SettleOne = (
    identity: Identity,
    groups: readonly string[],
    rules: AccessRules,
    actor: Actor,
  ) => Promise<Identity['role']>

  /** Runs changes of roles in one transaction, and closes sockets once it is through. */
  async function settle<Result>(work: (tx: Tx, settleOne: SettleOne) => Promise<Result>): Promise<Result> {
    const { result, changed, ended } = await db.write(async (tx) => {
      const changed: UserId[] = []
      const ended: Parameters<typeof sessions.tell>[0][number][] = []
      const result = await work(tx, async (identity, groups, rules, actor) => {
        const role = roleFor(groups, rules)
        const account = await store.user(identity.userId, tx)
        if (!account) return role
        // A role that was set here says which, not whether: no group, no access.
        const wanted = role === null ? 'viewer' : identity.pinned ? account.role : role
        const loses = role === null && identity.role !== null
        if (wanted === account.role && !loses) return role
        const why = loses ? 'access lost' : 'role changed'
        ended.push(...(await sessions.endAllOf(tx, account.id, { but: null, actor, why })))
        changed.push(account.id)
        if (loses) await dropTokens(tx, account.id, actor)
        if (wanted !== account.role) {
          await store.setRole(tx, account.id, wanted)
          const detail = { name: account.name, before: account.role, after: wanted, follows: 'groups' }
          await audit.append(tx, { actor, action: 'user.role-changed', target: account.id, detail })
        }
        return role
      })
      return { result, changed, ended }
    })
    sessions.tell(ended)
    // Sockets of tokens, too.
    for (const userId of changed) events.emit('session.ended', { userId, sessionId: null })
    return result
  }

  /** A token must not open what its owner can no longer enter. */
  async function dropTokens(tx: Tx, userId: UserId, actor: Actor): Promise<void> {
    for (const { id, name } of await store.tokens(userId, tx)) {
      await store.removeToken(tx, userId, id)
      await audit.append(tx, { actor, action: 'token.revoked', target: id, detail: { name } })
    }
  }

  /** A name that nobody has yet: `anna`, or `anna-2`. */
  async function freeName(tx: Tx, wanted: string): Promise<string> {
    for (let number = 1; ; number++) {
      const name = number === 1 ? wanted : `${wanted}-${number}`
      if (!(await store.userNamed(name, tx))) return name
    }
  }

  /** Ends sessions that began by the word of this issuer. Says how many. */
  async function endSessions(
    issuer: string,
    of: { subject?: string | undefined; sid?: string | undefined },
    { actor, why }: { actor: Actor; why: string },
    also: (tx: Tx) => Promise<void> = async () => {},
  ): Promise<number> {
    const ended = await db.write(async (tx) => {
      await also(tx)
      const ids = new Set(await identities.sessionsFrom(tx, issuer, of))
      if (ids.size === 0) return []
      const those = (await store.sessions(null, tx)).filter(({ id }) => ids.has(id))
      return sessions.endThese(tx, those, actor, why)
    })
    sessions.tell(ended)
    return ended.length
  }

  return { signIn, applyRules, endSessions }
}
export type Outsiders = ReturnType<typeof createOutsiders>
