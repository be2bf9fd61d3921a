/** The session cookie: its name says to the browser what it must hold it to. */
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
export function sessionCookie(scheme: 'http' | 'https', basePath: string): CookieShape {
  const path = basePath || '/'
  if (scheme === 'http') return { name: 'carl', path, secure: false }
  return { name: path === '/' ? '__Host-carl' : '__Secure-carl', path, secure: true }
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
