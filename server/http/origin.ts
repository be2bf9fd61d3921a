import type { IncomingHttpHeaders } from 'node:http'

interface Caller {
  readonly headers: IncomingHttpHeaders
  /** The host the caller used for us; see `Peer`. */
  readonly host: string | null
  /** Whether a session cookie came along: the one thing a browser adds on behalf of another site. */
  readonly hasCookie: boolean
}

/**
 * Says whether a call that changes something comes from our own pages. A browser always names the origin of such a
 * call, so a cookie without an origin is refused too. A caller without cookie and origin is no browser: it has
 * nothing that another site could borrow.
 */
export function isSameSite({ headers, host, hasCookie }: Caller): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  if (headers.origin === undefined) return site === undefined && !hasCookie
  return host !== null && isOwnOrigin(headers.origin, host)
}

/**
 * Compares names and ports, not schemes: behind a proxy that is not named in TRUSTED_PROXIES nobody can tell
 * whether the browser spoke HTTPS.
 */
export function isOwnOrigin(origin: string, host: string): boolean {
  const from = URL.parse(origin)
  if (!from || (from.protocol !== 'http:' && from.protocol !== 'https:')) return false
  return URL.parse(`${from.protocol}//${host}`)?.host === from.host
}
