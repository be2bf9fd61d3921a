import type { IncomingHttpHeaders } from 'node:http'
import type { Peer } from './proxies.ts'

/** The headers in which a proxy says whom it has let in. Names in lower case. */
export interface ProxyHeaders {
  readonly user: string
  readonly groups: string
}

/** Whom the proxy in front has let in, as far as that can be believed. */
export type ProxyUser =
  | { readonly kind: 'none' }
  /** Somebody who is no trusted proxy sent the header. */
  | { readonly kind: 'not-believed' }
  | { readonly kind: 'named'; readonly user: string; readonly groups: readonly string[] }

const nobody: ProxyUser = { kind: 'none' }
const mostGroups = 1_000
const longest = 200

/**
 * Reads the headers of a request. They count only on a connection that a trusted proxy opened: everybody else can write
 * what they like into them.
 */
export function readProxyUser(
  names: ProxyHeaders | null,
  { isProxied }: Pick<Peer, 'isProxied'>,
  headers: IncomingHttpHeaders,
): ProxyUser {
  if (names === null) return nobody
  const given = headers[names.user]
  if (given === undefined) return nobody
  if (!isProxied) return { kind: 'not-believed' }
  const user = typeof given === 'string' ? toText(given) : ''
  // A comma is two headers, one of them perhaps the caller's own, which Node has joined.
  if (user === '' || user.length > longest || /[,\p{Cc}]/u.test(user)) return { kind: 'not-believed' }
  const groups = [headers[names.groups] ?? []]
    .flat()
    .flatMap((line) => toText(line).split(/[,|]/))
    .map((group) => group.trim())
    .filter((group) => group !== '' && group.length <= longest)
  return { kind: 'named', user, groups: [...new Set(groups)].slice(0, mostGroups) }
}

/** Node reads headers as Latin-1; proxies send UTF-8. */
const toText = (header: string): string => Buffer.from(header, 'latin1').toString('utf8').trim()
