import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Api, Endpoint } from '../../contract/endpoint.ts'
import { permissions } from '../../contract/permissions.ts'
import { isSampleId } from '../../contract/sample-ids.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import { type Logger, withLogContext } from '../lib/logger.ts'
import type { Call } from '../lib/routes.ts'
import { admit } from './admission.ts'
import type { Caller, Identify, ReadCaller } from './caller.ts'
import { type CookieShape, toSetCookie } from './cookies.ts'
import { createRequestParser } from './parse.ts'
import { send } from './send.ts'

/** A handler whose request was parsed by the contract; which types it takes, `Handlers` has checked. */
type AnyHandler = (request: unknown, call: Call) => unknown
/** Handlers by feature and call; `Handlers<A>` of any API fits. */
export type AnyHandlers = { readonly [feature: string]: { readonly [call: string]: unknown } }

interface MountTools {
  readonly readCaller: ReadCaller
  readonly identify: Identify
  readonly clock: Clock
  readonly logger: Logger
}

/** An endpoint with its name and its handler. */
export interface Route {
  readonly name: string
  readonly endpoint: Endpoint
  readonly handler: AnyHandler
}

/**
 * Pairs every endpoint with its handler. Throws, so that the server does not start, when one has no permission that
 * exists or no handler: what nobody guards or answers must not be reachable.
 */
export function pairRoutes(api: Api, handlers: AnyHandlers): Route[] {
  return Object.entries(api).flatMap(([feature, calls]) =>
    Object.entries(calls).map(([call, endpoint]) => {
      const name = `${feature}.${call}`
      const handler = handlers[feature]?.[call]
      if (endpoint.permission !== 'public' && !Object.hasOwn(permissions, endpoint.permission)) {
        throw new Error(`${name} has no permission, so it is not mounted`)
      }
      if (typeof handler !== 'function') throw new Error(`${name} has no handler, so it is not mounted`)
      return { name, endpoint, handler: handler as AnyHandler }
    }),
  )
}

/** Who asks, between the two steps of one request. */
const admitted = new WeakMap<FastifyRequest, { caller: Caller; actor: Actor | null }>()

/** Mounts one endpoint: admit the caller, parse the request, call the handler, check and send its reply. */
export function mount(app: FastifyInstance, prefix: string, route: Route, tools: MountTools): void {
  const { endpoint, handler, name } = route
  const { readCaller, identify, clock, logger } = tools
  const parseRequest = createRequestParser(endpoint)

  app.route({
    method: endpoint.method,
    url: `${prefix}${endpoint.path}`,
    onRequest: async (request) => {
      // `/nodes/` would be the node without an id.
      if (Object.values(request.params as object).includes('')) throw fail('request.not_found')
      const caller = readCaller(request.raw)
      admitted.set(request, { caller, actor: await admit(endpoint, request.raw, caller, identify) })
    },
    handler: async (request, reply) => {
      const admission = admitted.get(request)
      if (!admission) throw new Error(`${name} was reached without admission`)
      const { caller, actor } = admission
      const parsed = parseRequest({ params: request.params, query: request.query, body: request.body })
      // One place for all features: whatever would change or start something leaves samples alone.
      if (endpoint.method !== 'GET' && namesSample(parsed)) throw fail('samples.only_shown')
      const facts = { requestId: request.id, ...(actor && { actor: actor.name }) }
      const result = await withLogContext(facts, async () =>
        handler(parsed, toCall(request, reply, caller, actor, clock)),
      )
      return send(reply, endpoint, result, logger)
    },
  })
}

/** Whether a request is about a sample: by its address, or by a field of its body. */
function namesSample({ params, body }: Readonly<Record<'params' | 'body', unknown>>): boolean {
  return [...Object.values(params ?? {}), ...Object.values(body ?? {})]
    .flat()
    .some((value) => typeof value === 'string' && isSampleId(value))
}

function toCall(
  request: FastifyRequest,
  reply: FastifyReply,
  { claim, cookie, signIn, origin, peer }: Caller,
  actor: Actor | null,
  clock: Clock,
): Call {
  const gone = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new Error('the client went away'))
  })
  // The framework keeps several of this one header.
  const setCookie = (shape: CookieShape, value: string, maxAgeS: number): void =>
    void reply.header('set-cookie', toSetCookie(shape, value, maxAgeS))
  return {
    actor: actor as Call['actor'],
    requestId: request.id,
    ip: claim.ip,
    header: (name) => {
      const value = request.headers[name]
      return typeof value === 'string' ? value : null
    },
    host: peer.host,
    userAgent: claim.userAgent,
    signal: gone.signal,
    session: {
      token: claim.sessionToken,
      set: (token, expiresAt) => {
        setCookie(cookie, token, Math.floor((expiresAt.getTime() - clock.now().getTime()) / 1_000))
      },
      clear: () => {
        setCookie(cookie, '', 0)
      },
    },
    signIn: {
      token: signIn.token,
      set: (token, maxAgeS) => setCookie(signIn.cookie, token, maxAgeS),
      clear: () => setCookie(signIn.cookie, '', 0),
    },
    origin,
    proxyUser: claim.proxyUser,
  }
}
