import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { systemClock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import { createLogger } from '../lib/logger.ts'
import { createApp } from './app.ts'
import { createCallerReader } from './caller.ts'
import { createKnownPaths } from './known-paths.ts'
import { listenOn, urlOf } from './listen.ts'
import { createPeerReader } from './proxies.ts'
import {
  inWords,
  renderUpgradePage,
  type UpgradeProgress,
  upgradeScript,
  upgradeStyle,
} from './upgrade-page.ts'

/** Where the server will listen once it is up. */
export interface UpgradeAddress {
  readonly host: string
  readonly port: number
  readonly apiPort: number | null
  readonly basePath: string
  readonly trustedProxies: readonly string[]
}

/** After so many seconds it is worth asking again. */
const retryAfterS = 3

/** What a server shows while it upgrades its database: a page that says how far it is, and `server.upgrading` to programs. */
export function createUpgradeHttp(address: UpgradeAddress, progress: () => UpgradeProgress) {
  const { host, port, apiPort, basePath, trustedProxies } = address
  const readCaller = createCallerReader(createPeerReader(trustedProxies), basePath, null)

  const refuse = async (): Promise<never> => {
    const retryAt = new Date(systemClock.now().getTime() + retryAfterS * 1_000)
    throw fail('server.upgrading', { detail: `${inWords(progress())}.`, retryAt })
  }

  const showPage = async ({ headers }: FastifyRequest, reply: FastifyReply) => {
    if (headers.accept?.includes('text/html') !== true) return refuse()
    return reply
      .code(503)
      .header('retry-after', String(retryAfterS))
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(renderUpgradePage(progress(), basePath))
  }

  function build(): FastifyInstance {
    const app = createApp({
      readCaller,
      knownMethods: createKnownPaths(`${basePath}/api/v1`, []),
      dashboard: null,
      isClosing: () => false,
      clock: systemClock,
      logger: createLogger('silent'),
    })
    // A connection that a client keeps would break off when the server takes over the port.
    app.addHook('onRequest', async (_request, reply) => void reply.header('connection', 'close'))
    for (const base of new Set(['', basePath])) {
      app.get(`${base}/healthz`, async () => ({ status: 'upgrading' }))
      app.get(`${base}/readyz`, refuse)
    }
    app.get(`${basePath}/upgrading.json`, async (_request, reply) =>
      reply.header('cache-control', 'no-store').send({ ...progress(), words: inWords(progress()) }),
    )
    app.get(`${basePath}/upgrading.js`, sendAs('text/javascript', upgradeScript))
    app.get(`${basePath}/upgrading.css`, sendAs('text/css', upgradeStyle))
    app.all(`${basePath}/api/v1/*`, refuse)
    app.get('/*', showPage)
    return app
  }

  const main = build()
  const second = apiPort === null ? null : build()

  return {
    /** Throws `config.port_taken`. Returns the address to open on this machine. */
    listen: async (): Promise<string> => {
      await listenOn(main, host, port)
      if (second && apiPort !== null) await listenOn(second, host, apiPort)
      return urlOf(main, basePath)
    },
    close: async (): Promise<void> => {
      for (const app of [main, second]) {
        app?.server.closeIdleConnections()
        await app?.close()
      }
    },
  }
}

const sendAs = (mediaType: string, text: string) => async (_request: unknown, reply: FastifyReply) =>
  reply.type(`${mediaType}; charset=utf-8`).header('cache-control', 'no-cache').send(text)
