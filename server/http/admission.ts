import type { IncomingMessage } from 'node:http'
import type { Endpoint } from '../../contract/endpoint.ts'
import { isForMissingFactor, isForTokens } from '../../contract/permissions.ts'
import { type Actor, mayDo, needPresence } from '../lib/actor.ts'
import { fail } from '../lib/errors.ts'
import type { Caller, Identify } from './caller.ts'
import { isSameSite } from './origin.ts'

/**
 * Decides whether a call may come in at all, before its body is read: not from another site, JSON only where nothing
 * else is said, and by somebody who holds the permission and, where the call asks for it, has just proved to be there.
 * Returns who it is; null on public endpoints.
 */
export async function admit(
  { method, permission, stepUp, accepts }: Endpoint,
  { headers }: IncomingMessage,
  { peer, claim }: Caller,
  identify: Identify,
): Promise<Actor | null> {
  if (method !== 'GET' && claim.bearer === null) {
    const hasCookie = claim.sessionToken !== null
    if (!isSameSite({ headers, host: peer.host, hasCookie })) throw fail('request.cross_site')
    // Also without a body: a form of another site cannot send this header, and its script must ask first.
    const wanted = accepts === 'form' ? 'application/x-www-form-urlencoded' : 'application/json'
    if (accepts !== 'bytes' && mediaTypeOf(headers['content-type']) !== wanted)
      throw fail('request.unsupported_media_type')
  }
  if (permission === 'public') return null
  const actor = claim.bearer === null && claim.sessionToken === null ? null : await identify(claim)
  if (!actor) throw fail('auth.required')
  if (!mayDo(actor, permission)) throw fail('auth.forbidden')
  const isToken = actor.userId !== null && actor.sessionId === null
  if (isToken && !isForTokens(permission)) {
    throw fail('auth.forbidden', { detail: 'A token cannot do this: sign in to the dashboard.' })
  }
  if (actor.mustAddFactor && !isForMissingFactor(permission)) throw fail('auth.factor_missing')
  if (stepUp) needPresence(actor)
  return actor
}

const mediaTypeOf = (contentType: string | undefined): string | undefined =>
  contentType?.split(';', 1)[0]?.trim().toLowerCase()
