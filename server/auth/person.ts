import type { User } from '../../contract/accounts.ts'
import type { UserId } from '../../contract/ids.ts'
import { type Role, roles } from '../../contract/permissions.ts'
import { type Actor, serverActor } from '../lib/actor.ts'
import { fail } from '../lib/errors.ts'

/** The command line on this machine: whoever may read the data folder may do everything. */
export const localActor: Actor = { ...serverActor, name: 'local' }

/** Somebody of whom only the address is known. */
export const strangerFrom = (ip: string): Actor => ({
  name: 'anonymous',
  role: 'viewer',
  userId: null,
  sessionId: null,
  ip,
  scopes: null,
  isPresent: false,
  mustAddFactor: false,
})

export const personOf = (
  { id, name, role }: User,
  session: Pick<Actor, 'sessionId' | 'ip' | 'isPresent' | 'mustAddFactor'>,
): Actor => ({ name: `user:${name}`, role, userId: id, scopes: null, ...session })

/** The user behind a session or token. Throws `auth.forbidden` for the command line, which has no account. */
export function userIdOf({ userId }: Actor): UserId {
  if (userId === null) throw fail('auth.forbidden', { detail: 'The command line has no account of its own.' })
  return userId
}

/**
 * As `userIdOf`, for what only a person may do who is signed in. A token may not: one that leaked could make itself
 * followers that outlive it.
 */
export function signedInUserId(actor: Actor): UserId {
  if (actor.userId !== null && actor.sessionId === null) {
    throw fail('auth.forbidden', { detail: 'A token cannot do this; sign in.' })
  }
  return userIdOf(actor)
}

const rankOf = (one: Role): number => roles.indexOf(one)

export const isAbove = (one: Role, other: Role): boolean => rankOf(one) > rankOf(other)
export const lowerOf = (one: Role, other: Role): Role => (isAbove(one, other) ? other : one)
