import type { Socket } from 'node:net'
import {
  fastify,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { fail } from '../lib/errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { newRequestId } from './request-id.ts'
import { toRefusal } from './refusals.ts'
import type { ReadCaller } from './caller.ts'
import type { Dashboard } from './dashboard.ts'
import { apiHeaders, httpsOnlyHeaders, securityHeaders } from './security-headers.ts'
import { writeRefusal } from './upgrade.ts'

/** Largest body, bytes. The largest honest one is a private key of 64 KiB. */
const bodyLimit = 1_048_576

/** Largest form, bytes: a token and its name. */
const formLimit = 32_768

/** Largest body of a webhook, bytes: GitHub sends more about a push with many commits, and nobody reads it here. */
const bytesLimit = 1_048_576

/** No route has a schema of the framework. */
function noSchemas(): never {
  throw new Error('routes are described by the contract')
}

interface AppTools {
  readonly readCaller: ReadCaller
  /** The methods that are known at a path; see `createKnownPaths`. */
  readonly knownMethods: (path: string) => string[]
  /** Its page answers what nothing else does, where a person may have opened a screen of it. */
  readonly dashboard: Dashboard | null
  readonly isClosing: () => boolean
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * The web framework, bare: JSON in, headers and request id on every reply, and our words for everything it refuses by
 * itself. Routes come later.
 */
export function createApp(tools: AppTools): FastifyInstance {
  const { readCaller, knownMethods, dashboard, isClosing, clock, logger } = tools

  const app: FastifyInstance = fastify({
    logger: false,
    bodyLimit,
    genReqId: newRequestId,
    // Its own answer while it closes would have another shape.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestTimeout: 60_000,
    // The contract says what a request may be. Its own compilers would be loaded for nothing, and take megabytes.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    frameworkErrors: refuse,
    clientErrorHandler: (error, socket) => refuseUnreadable(error, socket),
  })

  app.removeAllContentTypeParsers()
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text.length === 0) done(null, undefined)
    else void parseJson(request, String(text), done)
  })

  app.setErrorHandler(refuse)
  app.setNotFoundHandler((request, reply) => {
    if (dashboard?.takes(request)) return dashboard.send(request, reply)
    // A file that went away while the server ran; everything else was refused by the hook below.
    throw fail('request.not_found')
  })
  app.addHook('onRequest', async (request, reply) => {
    dress(request, reply)
    if (isClosing()) throw fail('server.not_ready')
    // Before a body is read.
    if (request.is404 && !dashboard?.takes(request)) throw nothingHere(request, reply)
  })

  function dress(request: FastifyRequest, reply: FastifyReply): void {
    reply.headers({ ...securityHeaders, ...apiHeaders, 'x-request-id': request.id })
    if (readCaller(request.raw).peer.scheme === 'https') reply.headers(httpsOnlyHeaders)
  }

  function nothingHere(request: FastifyRequest, reply: FastifyReply): Error {
    const methods = knownMethods(request.url.replace(/\?.*$/s, ''))
    if (methods.length === 0) return fail('request.not_found')
    reply.header('allow', methods.join(', '))
    return fail('request.method_not_allowed')
  }

  function refuse(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
    const { status, headers, body, isBug } = toRefusal(error, { requestId: request.id, now: clock.now() })
    if (isBug) logger.error({ err: error, requestId: request.id }, 'request failed')
    dress(request, reply)
    reply.removeHeader('content-disposition')
    void reply
      .code(status)
      .headers(headers)
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(body))
  }

  /** What is no HTTP at all, or too long, or too slow, never becomes a request. */
  function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
    if (error.code === 'ECONNRESET') return void socket.destroy()
    const requestId = newRequestId()
    const known = error.code === 'HPE_HEADER_OVERFLOW' ? error : fail('request.malformed', { cause: error })
    writeRefusal(socket, toRefusal(known, { requestId, now: clock.now() }), requestId)
  }

  return app
}

/** Mounts what takes a form, and nothing else. */
export function takingForms(app: FastifyInstance, mountHere: (scope: FastifyInstance) => void): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: formLimit },
      async (_request: FastifyRequest, text: string | Buffer) =>
        Object.fromEntries(new URLSearchParams(String(text))),
    )
    mountHere(scope)
  })
}

/** Mounts what takes any body as the bytes that came, and nothing else. */
export function takingBytes(app: FastifyInstance, mountHere: (scope: FastifyInstance) => void): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: bytesLimit },
      async (_request: FastifyRequest, bytes: string | Buffer) => bytes,
    )
    mountHere(scope)
  })
}
