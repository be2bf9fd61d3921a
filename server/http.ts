import type { FastifyInstance } from 'fastify'
import type { Api } from '../contract/endpoint.ts'
import { createApp, takingBytes, takingForms } from './http/app.ts'
import { createCallerReader, type Identify } from './http/caller.ts'
import { createKnownPaths } from './http/known-paths.ts'
import { listenOn, urlOf } from './http/listen.ts'
import { type AnyHandlers, mount, pairRoutes } from './http/mount.ts'
import { createDashboard } from './http/dashboard.ts'
import type { OpenApi } from './http/openapi.ts'
import { servePages } from './http/pages.ts'
import { type MetricsDoor, serveMetrics } from './http/metrics.ts'
import { createPeerReader } from './http/proxies.ts'
import type { ProxyHeaders } from './http/proxy-user.ts'
import { createUpgrade, type LiveDoor } from './http/upgrade.ts'
import type { Clock } from './lib/clock.ts'
import { fail } from './lib/errors.ts'
import type { Logger } from './lib/logger.ts'

export interface HttpConfig {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** A second port with the API alone; null for none. */
  readonly apiPort: number | null
  /** Without a slash at the end; empty at the root. */
  readonly basePath: string
  readonly trustedProxies: readonly string[]
  /** Headers in which a trusted proxy says whom it has let in; null where that counts for nothing. */
  readonly proxyHeaders: ProxyHeaders | null
}

interface HttpTools {
  readonly config: HttpConfig
  readonly api: Api
  readonly handlers: AnyHandlers
  /** What the pages show, made when somebody first looks; see `createOpenApi`. */
  readonly document: () => Promise<OpenApi>
  readonly identify: Identify
  readonly isReady: () => boolean
  /** Folder of the built dashboard; null when there is none, see `findDashboard`. */
  readonly dashboard: string | null
  /** What /metrics tells, and to whom; null where there is none, as in a test of routes. */
  readonly metrics?: MetricsDoor | null
  /** Null while there is no live socket, as in a test of routes. */
  readonly live: LiveDoor | null
  readonly clock: Clock
  readonly logger: Logger
}

/** Most time that open requests have to end when the server stops, milliseconds. */
const closeWithinMs = 3_000

/**
 * The HTTP edge: every endpoint of the contract under `/api/v1`, its description, and the live socket. Throws when an
 * endpoint has no permission or no handler. `listen` throws `config.port_taken` when somebody else has the port.
 */
export function createHttp(tools: HttpTools) {
  const { config, api, handlers, document, identify, isReady, live, clock, logger } = tools
  const basePath = config.basePath.replace(/\/$/, '')
  const prefix = `${basePath}/api/v1`
  const routes = pairRoutes(api, handlers)
  const readCaller = createCallerReader(
    createPeerReader(config.trustedProxies),
    basePath,
    config.proxyHeaders,
  )
  const knownMethods = createKnownPaths(
    prefix,
    routes.map(({ endpoint }) => endpoint),
  )
  let isClosing = false

  function build(withPages: boolean): FastifyInstance {
    const dashboard =
      withPages && tools.dashboard !== null ? createDashboard(tools.dashboard, basePath) : null
    const app = createApp({
      readCaller,
      knownMethods,
      dashboard,
      isClosing: () => isClosing,
      clock,
      logger,
    })
    const mountTools = { readCaller, identify, clock, logger }
    for (const route of routes) {
      if (route.endpoint.accepts === 'form')
        takingForms(app, (scope) => mount(scope, prefix, route, mountTools))
      else if (route.endpoint.accepts === 'bytes')
        takingBytes(app, (scope) => mount(scope, prefix, route, mountTools))
      else mount(app, prefix, route, mountTools)
    }
    serveHealth(app, basePath, isReady)
    if (tools.metrics) serveMetrics(app, basePath, tools.metrics, readCaller)
    if (withPages) servePages(app, { api, document, basePath, dashboard })
    if (live) {
      const path = `${prefix}/live`
      const upgrade = createUpgrade({
        path,
        live,
        readCaller,
        identify,
        isClosing: () => isClosing,
        clock,
        logger,
      })
      app.server.on('upgrade', (request, socket, head) => void upgrade(request, socket, head))
    }
    return app
  }

  const main = build(true)
  const second = config.apiPort === null ? null : build(false)
  const apps = second ? [main, second] : [main]

  async function listen(): Promise<{ url: string; apiUrl: string | null }> {
    try {
      await listenOn(main, config.host, config.port)
      if (second && config.apiPort !== null) await listenOn(second, config.host, config.apiPort)
    } catch (error) {
      await close()
      throw error
    }
    return { url: urlOf(main, basePath), apiUrl: second && urlOf(second, basePath) }
  }

  /** Refuses what comes from now on, lets open requests end for a while, and cuts what is left. Sockets end at once. */
  async function close(): Promise<void> {
    isClosing = true
    await live?.close()
    const callOff = clock.after(closeWithinMs, () => {
      for (const app of apps) app.server.closeAllConnections()
    })
    await Promise.all(apps.map((app) => app.close()))
    callOff()
  }

  return { listen, close, inject: main.inject.bind(main) }
}
export type Http = ReturnType<typeof createHttp>

/** For container engines and load balancers; also outside the base path, for they come past the proxy. */
function serveHealth(app: FastifyInstance, basePath: string, isReady: () => boolean): void {
  for (const base of new Set(['', basePath])) {
    app.get(`${base}/healthz`, async () => ({ status: 'alive' }))
    app.get(`${base}/readyz`, async () => {
      if (!isReady()) throw fail('server.not_ready')
      return { status: 'ready' }
    })
  }
}
