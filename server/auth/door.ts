import type { Me } from '../../contract/accounts.ts'
import type { Call } from '../lib/routes.ts'
import type { Origin, SignedIn } from './sessions.ts'

type Door = Pick<Call, 'ip' | 'userAgent' | 'session'>

export const toOrigin = ({ ip, userAgent, session }: Door): Origin => ({
  ip,
  userAgent,
  replaces: session.token,
})

/** The token travels in the cookie alone, where no script of a page can read it. */
export function welcome({ session }: Door, { user, token, expiresAt }: SignedIn): Me {
  session.set(token.reveal(), expiresAt)
  return user
}
