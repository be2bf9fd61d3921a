import { type Selectable, sql } from 'kysely'
import type { ApiToken, User } from '../../contract/accounts.ts'
import type { SessionId, TokenId, UserId } from '../../contract/ids.ts'
import type { Role } from '../../contract/permissions.ts'
import type { ListedUser } from '../../contract/users.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import { toOutside } from './single-sign-on/identities.ts'

/** A user with what their password is checked against. */
export interface Account extends User {
  readonly passwordHash: string
}

export interface StoredSession {
  readonly id: SessionId
  readonly userId: UserId
  readonly ip: string | null
  readonly userAgent: string | null
  readonly createdAt: string
  readonly lastSeenAt: string
  readonly expiresAt: string
  /** When whoever has it last proved to be there. */
  readonly provenAt: string | null
}

/** A session or a token with whom it stands for, as they are now. */
export type SessionOfUser = StoredSession & { readonly user: User }
export type TokenOfUser = ApiToken & { readonly user: User }

type Reader = Pick<Tx, 'selectFrom'>

/** SQL for users, sessions and tokens. Session and token texts come in as hashes and never go out. */
export function createAuthStore(db: Database) {
  async function hasUsers(from: Reader = db.read): Promise<boolean> {
    return (await from.selectFrom('user').select('id').limit(1).executeTakeFirst()) !== undefined
  }

  /** Without regard to case. The database folds both sides, for it folds other letters than JavaScript does. */
  async function userNamed(name: string, from: Reader = db.read): Promise<Account | undefined> {
    const row = await from
      .selectFrom('user')
      .selectAll()
      .where(sql<string>`lower(name)`, '=', sql<string>`lower(${name})`)
      .executeTakeFirst()
    return row && accountFromRow(row)
  }

  async function user(id: UserId, from: Reader = db.read): Promise<Account | undefined> {
    const row = await from.selectFrom('user').selectAll().where('id', '=', id).executeTakeFirst()
    return row && accountFromRow(row)
  }

  async function users(): Promise<ListedUser[]> {
    const rows = await db.read
      .selectFrom('user')
      .leftJoin('identity', 'identity.user_id', 'user.id')
      .select(['user.id', 'user.name', 'user.role', 'user.created_at'])
      .select(['identity.issuer', 'identity.subject', 'identity.pinned'])
      .select(({ selectFrom, exists }) => [
        selectFrom('session')
          .whereRef('session.user_id', '=', 'user.id')
          .select(({ fn }) => fn.max('last_seen_at').as('at'))
          .as('last_seen_at'),
        selectFrom('api_token')
          .whereRef('api_token.user_id', '=', 'user.id')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .as('tokens'),
        exists(selectFrom('totp').whereRef('totp.user_id', '=', 'user.id').select('user_id'))
          .or(exists(selectFrom('passkey').whereRef('passkey.user_id', '=', 'user.id').select('id')))
          .as('has_second_factor'),
      ])
      .orderBy(sql`lower("user"."name")`)
      .execute()
    return rows.map(({ id, name, role, created_at, last_seen_at, tokens, ...more }) => ({
      id,
      name,
      role,
      createdAt: created_at,
      lastSeenAt: last_seen_at,
      tokens: tokens ?? 0,
      hasSecondFactor: Boolean(more.has_second_factor),
      outside: toOutside(more),
    }))
  }

  /** Only those count who need nobody outside to sign in: a provider may be down for a while, or gone. */
  async function hasAdminBeside(tx: Tx, id: UserId): Promise<boolean> {
    const others = tx
      .selectFrom('user')
      .select('id')
      .where('role', '=', 'admin')
      .where('id', '!=', id)
      .where('id', 'not in', (from) => from.selectFrom('identity').select('user_id'))
    return (await others.limit(1).executeTakeFirst()) !== undefined
  }

  async function setRole(tx: Tx, id: UserId, role: Role): Promise<void> {
    await tx.updateTable('user').set({ role }).where('id', '=', id).execute()
  }

  /** With sessions and tokens. */
  async function removeUser(tx: Tx, id: UserId): Promise<void> {
    await tx.deleteFrom('user').where('id', '=', id).execute()
  }

  async function insertUser(tx: Tx, { passwordHash, createdAt, ...account }: Account): Promise<void> {
    await tx
      .insertInto('user')
      .values({
        ...account,
        password_hash: passwordHash,
        created_at: createdAt,
        password_changed_at: createdAt,
      })
      .execute()
  }

  async function setPassword(tx: Tx, id: UserId, passwordHash: string, now: string): Promise<void> {
    await tx
      .updateTable('user')
      .set({ password_hash: passwordHash, password_changed_at: now })
      .where('id', '=', id)
      .execute()
  }

  async function insertSession(tx: Tx, session: StoredSession, tokenHash: string): Promise<void> {
    await tx
      .insertInto('session')
      .values({
        id: session.id,
        token_hash: tokenHash,
        user_id: session.userId,
        ip: session.ip,
        user_agent: session.userAgent,
        created_at: session.createdAt,
        last_seen_at: session.lastSeenAt,
        expires_at: session.expiresAt,
        proven_at: session.provenAt,
      })
      .execute()
  }

  /** Gives a session another token, with the moment of the proof that it goes with. Returns when it ends. */
  async function renewSession(
    tx: Tx,
    id: SessionId,
    tokenHash: string,
    provenAt: string,
  ): Promise<string | undefined> {
    const row = await tx
      .updateTable('session')
      .set({ token_hash: tokenHash, proven_at: provenAt })
      .where('id', '=', id)
      .returning('expires_at')
      .executeTakeFirst()
    return row?.expires_at
  }

  async function sessionByToken(
    tokenHash: string,
    from: Reader = db.read,
  ): Promise<SessionOfUser | undefined> {
    const row = await from
      .selectFrom('session')
      .innerJoin('user', 'user.id', 'session.user_id')
      .selectAll('session')
      .select(['user.name', 'user.role', 'user.created_at as user_created_at'])
      .where('token_hash', '=', tokenHash)
      .executeTakeFirst()
    return row && { ...sessionFromRow(row), user: userOf(row) }
  }

  /** Of one user, or of all; the newest first. */
  async function sessions(userId: UserId | null, from: Reader = db.read): Promise<StoredSession[]> {
    let rows = from.selectFrom('session').selectAll().orderBy('id', 'desc')
    if (userId !== null) rows = rows.where('user_id', '=', userId)
    return (await rows.execute()).map(sessionFromRow)
  }

  async function touchSession(tx: Tx, id: SessionId, now: string): Promise<void> {
    await tx.updateTable('session').set({ last_seen_at: now }).where('id', '=', id).execute()
  }

  /** Says whether it was still there. */
  async function removeSession(tx: Tx, id: SessionId): Promise<boolean> {
    const { numDeletedRows } = await tx.deleteFrom('session').where('id', '=', id).executeTakeFirst()
    return numDeletedRows > 0n
  }

  async function insertToken(tx: Tx, userId: UserId, token: ApiToken, tokenHash: string): Promise<void> {
    await tx
      .insertInto('api_token')
      .values({
        id: token.id,
        user_id: userId,
        name: token.name,
        prefix: token.prefix,
        token_hash: tokenHash,
        role: token.role,
        scopes: token.scopes && JSON.stringify(token.scopes),
        created_at: token.createdAt,
        expires_at: token.expiresAt,
        last_used_at: token.lastUsedAt,
      })
      .execute()
  }

  async function tokenByHash(tokenHash: string): Promise<TokenOfUser | undefined> {
    const row = await db.read
      .selectFrom('api_token')
      .innerJoin('user', 'user.id', 'api_token.user_id')
      .selectAll('api_token')
      .select(['user.name as user_name', 'user.role as user_role', 'user.created_at as user_created_at'])
      .where('token_hash', '=', tokenHash)
      .executeTakeFirst()
    if (!row) return undefined
    const { user_id, user_name: name, user_role: role, user_created_at } = row
    return { ...tokenFromRow(row), user: userOf({ user_id, name, role, user_created_at }) }
  }

  async function tokens(userId: UserId, from: Reader = db.read): Promise<ApiToken[]> {
    const rows = from.selectFrom('api_token').selectAll().where('user_id', '=', userId)
    return (await rows.orderBy('id', 'desc').execute()).map(tokenFromRow)
  }

  /** Whose tokens ran out behind `after`, up to `until`. */
  async function ownersOfExpired(after: string, until: string): Promise<UserId[]> {
    const rows = await db.read
      .selectFrom('api_token')
      .select('user_id')
      .distinct()
      .where('expires_at', '>', after)
      .where('expires_at', '<=', until)
      .execute()
    return rows.map(({ user_id }) => user_id)
  }

  async function touchToken(tx: Tx, id: TokenId, now: string): Promise<void> {
    await tx.updateTable('api_token').set({ last_used_at: now }).where('id', '=', id).execute()
  }

  /** Only one of this user; returns what was removed. */
  async function removeToken(tx: Tx, userId: UserId, id: TokenId): Promise<ApiToken | undefined> {
    const row = await tx
      .deleteFrom('api_token')
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .returningAll()
      .executeTakeFirst()
    return row && tokenFromRow(row)
  }

  return {
    hasUsers,
    userNamed,
    user,
    users,
    hasAdminBeside,
    setRole,
    removeUser,
    insertUser,
    setPassword,
    insertSession,
    renewSession,
    sessionByToken,
    sessions,
    touchSession,
    removeSession,
    insertToken,
    tokenByHash,
    tokens,
    ownersOfExpired,
    touchToken,
    removeToken,
  }
}
export type AuthStore = ReturnType<typeof createAuthStore>

export const toUser = ({ passwordHash: _, ...user }: Account): User => user

/** A name as it is kept. */
export const toName = (name: string): string => name.trim().normalize('NFC')

/** Under which attempts at a name are counted. */
export const toNameKey = (name: string): string => toName(name).toLowerCase()

const accountFromRow = (row: Selectable<Tables['user']>): Account => ({
  id: row.id,
  name: row.name,
  role: row.role,
  createdAt: row.created_at,
  passwordHash: row.password_hash,
})

interface UserColumns {
  user_id: UserId
  name: string
  role: Role
  user_created_at: string
}

const userOf = ({ user_id, name, role, user_created_at }: UserColumns): User => ({
  id: user_id,
  name,
  role,
  createdAt: user_created_at,
})

const sessionFromRow = (row: Selectable<Tables['session']>): StoredSession => ({
  id: row.id,
  userId: row.user_id,
  ip: row.ip,
  userAgent: row.user_agent,
  createdAt: row.created_at,
  lastSeenAt: row.last_seen_at,
  expiresAt: row.expires_at,
  provenAt: row.proven_at,
})

const tokenFromRow = (row: Selectable<Tables['api_token']>): ApiToken => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  role: row.role,
  scopes: row.scopes === null ? null : (JSON.parse(row.scopes) as ApiToken['scopes']),
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
})
