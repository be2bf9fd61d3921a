import type { SessionId, UserId } from '../../../contract/ids.ts'
import type { Role } from '../../../contract/permissions.ts'
import type { ListedUser } from '../../../contract/users.ts'
import type { Database, Tx } from '../../db/database.ts'

/** Stands where an issuer does for people whom the proxy in front vouches for. No provider can be called so. */
export const proxyIssuer = 'proxy'

/** Somebody as they are known outside. The two together never change and are never given to somebody else. */
export interface Outsider {
  readonly issuer: string
  readonly subject: string
}

/** The user behind an outsider. */
export interface Identity extends Outsider {
  readonly userId: UserId
  readonly groups: readonly string[]
  /** What the groups give; null is no access. */
  readonly role: Role | null
  readonly pinned: boolean
}

type Reader = Pick<Tx, 'selectFrom'>

/** SQL for who outside vouches for which user, and for the sessions that began so. */
export function createIdentityStore(db: Database) {
  const all = (from: Reader) => from.selectFrom('identity').selectAll()

  async function find(tx: Reader, { issuer, subject }: Outsider): Promise<Identity | undefined> {
    const row = await all(tx).where('issuer', '=', issuer).where('subject', '=', subject).executeTakeFirst()
    return row && identityFromRow(row)
  }

  async function ofUser(tx: Reader, userId: UserId): Promise<Identity | undefined> {
    const row = await all(tx).where('user_id', '=', userId).executeTakeFirst()
    return row && identityFromRow(row)
  }

  const list = async (tx: Reader): Promise<Identity[]> => (await all(tx).execute()).map(identityFromRow)

  async function insert(tx: Tx, identity: Identity, now: string): Promise<void> {
    const { issuer, subject, userId, groups, role } = identity
    await tx
      .insertInto('identity')
      .values({
        issuer,
        subject,
        user_id: userId,
        groups: JSON.stringify(groups),
        role,
        pinned: 0,
        created_at: now,
        seen_at: now,
      })
      .execute()
  }

  /** Takes over what was learnt now; `seenAt` is left out when nobody signed in. */
  async function update(
    tx: Tx,
    userId: UserId,
    { groups, role, seenAt }: { groups?: readonly string[]; role: Role | null; seenAt?: string },
  ): Promise<void> {
    await tx
      .updateTable('identity')
      .set({
        role,
        ...(groups && { groups: JSON.stringify(groups) }),
        ...(seenAt !== undefined && { seen_at: seenAt }),
      })
      .where('user_id', '=', userId)
      .execute()
  }

  /** Does nothing to a user who is not from outside. */
  async function pin(tx: Tx, userId: UserId, isPinned: boolean): Promise<void> {
    await tx
      .updateTable('identity')
      .set({ pinned: isPinned ? 1 : 0 })
      .where('user_id', '=', userId)
      .execute()
  }

  async function insertSession(
    tx: Tx,
    sessionId: SessionId,
    { issuer, subject }: Outsider,
    sid: string | null,
  ): Promise<void> {
    await tx.insertInto('outside_session').values({ session_id: sessionId, issuer, subject, sid }).execute()
  }

  /** By whose word a session began; undefined for one that began here. */
  async function outsiderOf(sessionId: SessionId): Promise<Outsider | undefined> {
    return db.read
      .selectFrom('outside_session')
      .select(['issuer', 'subject'])
      .where('session_id', '=', sessionId)
      .executeTakeFirst()
  }

  /** The sessions that began by the word of this issuer: of all, of one person, or one that the issuer names. */
  async function sessionsFrom(
    tx: Reader,
    issuer: string,
    { subject, sid }: { subject?: string | undefined; sid?: string | undefined } = {},
  ): Promise<SessionId[]> {
    let rows = tx.selectFrom('outside_session').select('session_id').where('issuer', '=', issuer)
    if (subject !== undefined) rows = rows.where('subject', '=', subject)
    if (sid !== undefined) rows = rows.where('sid', '=', sid)
    return (await rows.execute()).map(({ session_id }) => session_id)
  }

  return { find, ofUser, list, insert, update, pin, insertSession, outsiderOf, sessionsFrom }
}
export type IdentityStore = ReturnType<typeof createIdentityStore>

interface Row extends Outsider {
  readonly user_id: UserId
  readonly groups: string
  readonly role: Role | null
  readonly pinned: 0 | 1
}

const identityFromRow = ({ issuer, subject, user_id, groups, role, pinned }: Row): Identity => ({
  issuer,
  subject,
  userId: user_id,
  groups: JSON.parse(groups) as string[],
  role,
  pinned: pinned === 1,
})

/** For the list of users: who vouches for somebody. */
export function toOutside({
  issuer,
  subject,
  pinned,
}: {
  issuer: string | null
  subject: string | null
  pinned: number | null
}): ListedUser['outside'] {
  if (issuer === null || subject === null) return null
  return { by: issuer === proxyIssuer ? 'proxy' : 'provider', issuer, subject, pinned: pinned === 1 }
}
