import type { User } from '../../contract/accounts.ts'
import type { UserId } from '../../contract/ids.ts'
import type { Role } from '../../contract/permissions.ts'
import type { ListedUser } from '../../contract/users.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { NewId } from '../lib/id.ts'
import { Secret } from '../lib/secret.ts'
import { hashPassword } from './passwords.ts'
import { newReadableText } from './readable-text.ts'
import type { FactorStore } from './second-factors/store.ts'
import type { Sessions } from './sessions.ts'
import type { IdentityStore } from './single-sign-on/identities.ts'
import { type Account, type AuthStore, toName, toUser } from './store.ts'

interface UserTools {
  db: Database
  store: AuthStore
  factors: FactorStore
  sessions: Sessions
  identities: IdentityStore
  audit: Audit
  events: EventBus
  clock: Clock
  newId: NewId
}

/** A password to hand over: easy to read out, and with 99 bits nothing that anybody could guess. */
export const newPassword = (): Secret => new Secret(newReadableText(4))

/** Who may sign in, and what they may do. */
export function createUsers(tools: UserTools) {
  const { db, store, factors, sessions, identities, audit, events, clock, newId } = tools
  const list = (): Promise<ListedUser[]> => store.users()

  /** Adds a user in the caller's transaction. */
  async function add(
    tx: Tx,
    { name, role, passwordHash }: { name: string; role: Role; passwordHash: string },
    actor: Actor,
  ): Promise<Account> {
    const account = { id: newId('usr'), name, role, passwordHash, createdAt: clock.now().toISOString() }
    await store.insertUser(tx, account)
    await audit.append(tx, { actor, action: 'user.created', target: account.id, detail: { name, role } })
    return account
  }

  /** Throws `user.name_taken`; names are the same in any case. */
  async function create(
    wanted: { name: string; role: Role },
    actor: Actor,
  ): Promise<{ user: User; password: Secret }> {
    const name = toName(wanted.name)
    const password = newPassword()
    const passwordHash = await hashPassword(password.reveal())
    const account = await db.write(async (tx) => {
      if (await store.userNamed(name, tx)) throw fail('user.name_taken')
      return add(tx, { name, role: wanted.role, passwordHash }, actor)
    })
    return { user: toUser(account), password }
  }

  /** Throws `user.not_found`, `user.own_account` and `user.last_admin`. */
  async function changeRole(id: UserId, role: Role, actor: Actor): Promise<User> {
    const account = await end(id, actor, 'role changed', async (tx, before) => {
      if (role !== 'admin') await keepAnAdmin(tx, before)
      await store.setRole(tx, id, role)
      await identities.pin(tx, id, true)
      const detail = { name: before.name, before: before.role, after: role }
      await audit.append(tx, { actor, action: 'user.role-changed', target: id, detail })
    })
    return { ...toUser(account), role }
  }

  /** Throws `user.not_found`, `user.own_account` and `user.is_local`. */
  async function followGroups(id: UserId, actor: Actor): Promise<User> {
    let role: Role = 'viewer'
    const account = await end(id, actor, 'role changed', async (tx, before) => {
      const identity = await identities.ofUser(tx, id)
      if (!identity) throw fail('user.is_local')
      // Without access there is no role; the next sign-in will be refused.
      role = identity.role ?? 'viewer'
      await store.setRole(tx, id, role)
      await identities.pin(tx, id, false)
      const detail = { name: before.name, before: before.role, after: role, follows: 'groups' }
      await audit.append(tx, { actor, action: 'user.role-changed', target: id, detail })
    })
    return { ...toUser(account), role }
  }

  /** Throws `user.not_found`, `user.signs_in_elsewhere` and `user.own_account`: whoever knows the own password changes it with that. */
  async function resetPassword(id: UserId, actor: Actor): Promise<Secret> {
    const password = newPassword()
    const passwordHash = await hashPassword(password.reveal())
    await end(id, actor, 'password.reset', async (tx, { name }) => {
      // With a password here they would stay, whatever happens to their groups.
      if (await identities.ofUser(tx, id)) throw fail('user.signs_in_elsewhere')
      await store.setPassword(tx, id, passwordHash, clock.now().toISOString())
      await audit.append(tx, { actor, action: 'password.reset', target: id, detail: { name } })
    })
    return password
  }

  /** For somebody who lost theirs: the password is enough again. Throws `user.not_found` and `user.own_account`. */
  async function removeFactors(id: UserId, actor: Actor): Promise<void> {
    await end(id, actor, 'second factors removed', async (tx, { name }) => {
      await factors.removeAll(tx, id)
      await audit.append(tx, { actor, action: 'factor.reset', target: id, detail: { name } })
    })
  }

  /** Throws `user.not_found`, `user.own_account` and `user.last_admin`. */
  async function remove(id: UserId, actor: Actor): Promise<void> {
    await end(id, actor, 'user removed', async (tx, account) => {
      await keepAnAdmin(tx, account)
      await store.removeUser(tx, id)
      const { name, role } = account
      await audit.append(tx, { actor, action: 'user.removed', target: id, detail: { name, role } })
    })
  }

  /** Does something to the account of somebody else, which ends all their sessions and sockets. */
  async function end(
    id: UserId,
    actor: Actor,
    why: string,
    work: (tx: Tx, account: Account) => Promise<void>,
  ): Promise<Account> {
    if (id === actor.userId) throw fail('user.own_account')
    const { account, ended } = await db.write(async (tx) => {
      const account = await store.user(id, tx)
      if (!account) throw fail('user.not_found')
      const ended = await sessions.endAllOf(tx, id, { but: null, actor, why })
      await work(tx, account)
      return { account, ended }
    })
    sessions.tell(ended)
    // Sockets of tokens, too: they open again with what the token may do now, if anything.
    events.emit('session.ended', { userId: id, sessionId: null })
    return account
  }

  async function keepAnAdmin(tx: Tx, { id }: Account): Promise<void> {
    if (!(await store.hasAdminBeside(tx, id))) throw fail('user.last_admin')
  }

  return { list, add, create, changeRole, followGroups, resetPassword, removeFactors, remove }
}
export type Users = ReturnType<typeof createUsers>
