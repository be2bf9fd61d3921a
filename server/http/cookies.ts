/** A cookie of ours: its name says to the browser what it must hold it to. */
export interface CookieShape {
  readonly name: string
  readonly path: string
  readonly secure: boolean
}

/**
 * `__Host-` ties the cookie to this very host and to HTTPS; it demands the path `/`, so below a base path it is
 * `__Secure-`. Plain HTTP in a home network can have neither. Only the cookie of the scheme in use is read, so that
 * nobody can plant one over HTTP for use over HTTPS.
 */
export const sessionCookie = (scheme: 'http' | 'https', basePath: string): CookieShape =>
  cookieNamed('carl', scheme, basePath)

/**
 * Ties a sign-in with the identity provider to the browser that began it. Strict as well: the provider leads to a page of
 * ours, and the page hands in what it was given by a call of its own.
 */
export const signInCookie = (scheme: 'http' | 'https', basePath: string): CookieShape =>
  cookieNamed('carl-sign-in', scheme, basePath)

function cookieNamed(name: string, scheme: 'http' | 'https', basePath: string): CookieShape {
  const path = basePath || '/'
  if (scheme === 'http') return { name, path, secure: false }
  return { name: `${path === '/' ? '__Host' : '__Secure'}-${name}`, path, secure: true }
}

/** One `Set-Cookie` line. An empty value takes the cookie away. */
export function toSetCookie({ name, path, secure }: CookieShape, value: string, maxAgeS: number): string {
  const parts = [`${name}=${encodeURIComponent(value)}`, `Path=${path}`, `Max-Age=${Math.max(0, maxAgeS)}`]
  return [...parts, 'HttpOnly', 'SameSite=Strict', ...(secure ? ['Secure'] : [])].join('; ')
}

/** The value of a cookie of the request; null when it has none, or several of the name and so an unclear one. */
export function readCookie(header: string | undefined, name: string): string | null {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
  const [value] = values
  if (values.length !== 1 || !value) return null
  try {
    return decodeURIComponent(value)
  } catch {
    return null
  }
}
