import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { Actor } from '../lib/actor.ts'
import { type CookieShape, readCookie, sessionCookie, signInCookie } from './cookies.ts'
import type { Peer, ReadPeer } from './proxies.ts'
import { type ProxyHeaders, type ProxyUser, readProxyUser } from './proxy-user.ts'

/** What a request shows to say who it is from. */
export interface Claim {
  readonly sessionToken: string | null
  readonly bearer: string | null
  readonly ip: string
  readonly userAgent: string | null
  /** Whom the proxy in front has let in. */
  readonly proxyUser: ProxyUser
}

/** Finds the person or token behind a claim; null when there is none. */
export type Identify = (claim: Claim) => Promise<Actor | null>

export interface Caller {
  readonly peer: Peer
  readonly cookie: CookieShape
  readonly claim: Claim
  /** The cookie of a sign-in that is under way, and its value. */
  readonly signIn: { readonly cookie: CookieShape; readonly token: string | null }
  /** The address of this server as the browser has it, without a slash at the end; null when it named none. */
  readonly origin: string | null
}

/**
 * Reads who a request claims to be from. A bearer token counts alone: a cookie beside it is not looked at, so that a
 * wrong token never falls back to somebody's session.
 */
export function createCallerReader(readPeer: ReadPeer, basePath: string, proxyHeaders: ProxyHeaders | null) {
  return function readCaller({ socket, headers }: IncomingMessage): Caller {
    const peer = readPeer({
      address: socket.remoteAddress ?? '',
      isEncrypted: socket instanceof TLSSocket,
      headers,
    })
    const cookie = sessionCookie(peer.scheme, basePath)
    const progress = signInCookie(peer.scheme, basePath)
    const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null
    return {
      peer,
      cookie,
      claim: {
        sessionToken: bearer === null ? readCookie(headers.cookie, cookie.name) : null,
        bearer,
        ip: peer.ip,
        // Kept in the list of sessions, so its length is ours to say.
        userAgent: headers['user-agent']?.slice(0, 300) ?? null,
        proxyUser: readProxyUser(proxyHeaders, peer, headers),
      },
      signIn: { cookie: progress, token: readCookie(headers.cookie, progress.name) },
      // What a browser says of itself is held against the host before a call comes in; see `isSameSite`.
      origin: headers.origin ?? (peer.host === null ? null : `${peer.scheme}://${peer.host}`),
    }
  }
}
export type ReadCaller = ReturnType<typeof createCallerReader>
