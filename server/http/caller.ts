import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { Actor } from '../lib/actor.ts'
import { type CookieShape, readCookie, sessionCookie } from './cookies.ts'
import type { Peer, ReadPeer } from './proxies.ts'

/** What a request shows to say who it is from. */
export interface Claim {
  readonly sessionToken: string | null
  readonly bearer: string | null
  readonly ip: string
  readonly userAgent: string | null
}

/** Finds the person or token behind a claim; null when there is none. */
export type Identify = (claim: Claim) => Promise<Actor | null>

export interface Caller {
  readonly peer: Peer
  readonly cookie: CookieShape
  readonly claim: Claim
}

/**
 * Reads who a request claims to be from. A bearer token counts alone: a cookie beside it is not looked at, so that a
 * wrong token never falls back to somebody's session.
 */
export function createCallerReader(readPeer: ReadPeer, basePath: string) {
  return function readCaller({ socket, headers }: IncomingMessage): Caller {
    const peer = readPeer({
      address: socket.remoteAddress ?? '',
      isEncrypted: socket instanceof TLSSocket,
      headers,
    })
    const cookie = sessionCookie(peer.scheme, basePath)
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
      },
    }
  }
}
export type ReadCaller = ReturnType<typeof createCallerReader>
