import type { SessionId, UserId } from '../../contract/ids.ts'
import { can, isInScope, type Permission, type Role, type Scope } from '../../contract/permissions.ts'
import { fail } from './errors.ts'

/** Who does something: a signed-in person, a token, the command line on this machine, or the server itself. */
export interface Actor {
  /** As the audit trail names it: `user:anna`, `token:nightly`, `local`, `server`. */
  readonly name: string
  readonly role: Role
  readonly userId: UserId | null
  readonly sessionId: SessionId | null
  readonly ip: string | null
  /** What a token is limited to; null for no limit. */
  readonly scopes: readonly Scope[] | null
  /** Proved to be there in the last minutes; what is hard to undo asks for that. A token never did. */
  readonly isPresent: boolean
  /** Lacks the second factor that the settings ask for, and may do nothing before that is added. */
  readonly mustAddFactor: boolean
}

/** Says whether somebody may do a thing: by their role, and within what their token is limited to. */
export const mayDo = ({ role, scopes }: Actor, permission: Permission): boolean =>
  can(role, permission) && isInScope(permission, scopes)

/**
 * Makes sure that whoever acts has just proved to be there. Throws `auth.step_up_required`, and `auth.forbidden` for a
 * token, which cannot.
 */
export function needPresence({ isPresent, sessionId }: Actor): void {
  if (isPresent) return
  if (sessionId !== null) throw fail('auth.step_up_required')
  throw fail('auth.forbidden', { detail: 'A token cannot do this: sign in to the dashboard.' })
}

/** The server acting by itself: recovery, retention, schedules. */
export const serverActor: Actor = {
  name: 'server',
  role: 'admin',
  userId: null,
  sessionId: null,
  ip: null,
  scopes: null,
  isPresent: true,
  mustAddFactor: false,
}
