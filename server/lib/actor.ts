import type { SessionId, UserId } from '../../contract/ids.ts'
import type { Role } from '../../contract/permissions.ts'

/** Who does something: a signed-in person, a token, the command line on this machine, or the server itself. */
export interface Actor {
  /** As the audit trail names it: `user:anna`, `token:nightly`, `local`, `server`. */
  readonly name: string
  readonly role: Role
  readonly userId: UserId | null
  readonly sessionId: SessionId | null
  readonly ip: string | null
}

/** The server acting by itself: recovery, retention, schedules. */
export const serverActor: Actor = { name: 'server', role: 'admin', userId: null, sessionId: null, ip: null }
