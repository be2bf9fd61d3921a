import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { Identify, ReadCaller } from './caller.ts'
import { isOwnOrigin } from './origin.ts'
import { newRequestId } from './request-id.ts'
import { type Refusal, toRefusal } from './refusals.ts'
import { apiHeaders, securityHeaders } from './security-headers.ts'

/** The live socket as this floor sees it. */
export interface LiveDoor {
  /** Whom a ticket stands for; a ticket opens once. */
  takeTicket(ticket: string): Actor | null
  /** Makes the connection a socket of this person. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, actor: Actor): void
  close(): Promise<void>
}

interface UpgradeTools {
  /** Where the socket is, e.g. `/carl/api/v1/live`. */
  readonly path: string
  readonly live: LiveDoor
  readonly readCaller: ReadCaller
  readonly identify: Identify
  readonly isClosing: () => boolean
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Answers requests to change to WebSocket. Everything is decided before the change: a page of another site, a wrong
 * path and a caller without ticket or token get an ordinary error reply.
 */
export function createUpgrade({ path, live, readCaller, identify, isClosing, clock, logger }: UpgradeTools) {
  async function admit(request: IncomingMessage): Promise<Actor> {
    if (isClosing()) throw fail('server.not_ready')
    const url = URL.parse(request.url ?? '', 'http://any')
    if (url?.pathname !== path) throw fail('request.not_found')
    const { peer, claim } = readCaller(request)
    const { origin } = request.headers
    if (origin !== undefined && (peer.host === null || !isOwnOrigin(origin, peer.host))) {
      throw fail('request.cross_site')
    }
    // The cookie does not count here: another site's page could open a socket with it.
    const ticket = url.searchParams.get('ticket')
    const actor = ticket === null ? await byToken(claim) : live.takeTicket(ticket)
    if (!actor) throw fail('auth.required')
    return actor
  }

  const byToken = async (claim: Parameters<Identify>[0]): Promise<Actor | null> =>
    claim.bearer === null ? null : identify(claim)

  return async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const giveUp = () => socket.destroy()
    socket.once('error', giveUp)
    const requestId = newRequestId()
    try {
      const actor = await admit(request)
      socket.off('error', giveUp)
      live.accept(request, socket, head, actor)
    } catch (error) {
      const refusal = toRefusal(error, { requestId, now: clock.now() })
      if (refusal.isBug) logger.error({ err: error, requestId }, 'upgrade failed')
      writeRefusal(socket, refusal, requestId)
    }
  }
}

/** An error reply on a bare connection, where no web framework is around. Closes the connection. */
export function writeRefusal(socket: Duplex, { status, headers, body }: Refusal, requestId: string): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const text = JSON.stringify(body)
  const lines = Object.entries({
    ...securityHeaders,
    ...apiHeaders,
    ...headers,
    'x-request-id': requestId,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`)
  // The words after the status may be left out (RFC 9112, 4).
  socket.end(`HTTP/1.1 ${status} \r\n${lines.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy())
}
