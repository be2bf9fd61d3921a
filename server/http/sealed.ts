import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { masterKeyApi } from '../../contract/master-key.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { Secret } from '../lib/secret.ts'
import { admit } from './admission.ts'
import { createApp } from './app.ts'
import { createCallerReader } from './caller.ts'
import { createKnownPaths } from './known-paths.ts'
import { listenOn, urlOf } from './listen.ts'
import { createRequestParser } from './parse.ts'
import { createPeerReader } from './proxies.ts'
import { renderSealedPage, sealedScript, sealedStyle } from './sealed-page.ts'
import { send } from './send.ts'

/** Most time that an open request has to end, milliseconds. */
const closeWithinMs = 1_000

/** Who tries a passphrase. */
export interface Opener {
  readonly ip: string
  /** Through the door for the command line on this machine. */
  readonly isLocal: boolean
}

interface SealedTools {
  readonly config: {
    readonly host: string
    readonly port: number
    readonly apiPort: number | null
    readonly basePath: string
    readonly trustedProxies: readonly string[]
  }
  readonly hasPassphrase: () => boolean
  readonly isLocalToken: (text: string) => boolean
  /** Tries a passphrase; throws why it does not open. */
  readonly unseal: (passphrase: Secret, opener: Opener) => Promise<void>
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * What a server shows while its key is closed: a page that says so, and one call that opens it. Everything else of the
 * API answers `vault.sealed`.
 */
export function createSealedHttp(tools: SealedTools) {
  const { config, hasPassphrase, isLocalToken, unseal, clock, logger } = tools
  const { basePath } = config
  const prefix = `${basePath}/api/v1`
  const readCaller = createCallerReader(createPeerReader(config.trustedProxies), basePath, null)
  const endpoint = masterKeyApi.masterKey.unseal
  const parse = createRequestParser(endpoint)
  let isClosing = false

  const sealed = async (): Promise<never> => {
    throw fail('vault.sealed')
  }

  const showPage = async ({ headers }: FastifyRequest, reply: FastifyReply) => {
    if (headers.accept?.includes('text/html') !== true) throw fail('vault.sealed')
    // An address that is bookmarked stays; what it shows comes once the server is open.
    return reply
      .code(503)
      .header('retry-after', '5')
      .type('text/html; charset=utf-8')
      .send(renderSealedPage({ basePath, hasPassphrase: hasPassphrase() }))
  }

  function build(): FastifyInstance {
    const knownMethods = createKnownPaths(prefix, [endpoint])
    const app = createApp({
      readCaller,
      knownMethods,
      dashboard: null,
      isClosing: () => isClosing,
      clock,
      logger,
    })
    // A connection that a client keeps would break off when the house takes over the port.
    app.addHook('onRequest', async (_request, reply) => void reply.header('connection', 'close'))
    app.post(`${prefix}${endpoint.path}`, {
      onRequest: async ({ raw }) => void (await admit(endpoint, raw, readCaller(raw), async () => null)),
      handler: async ({ raw, params, query, body }, reply) => {
        const { ip, bearer } = readCaller(raw).claim
        const { passphrase } = parse({ params, query, body }).body as { passphrase: string }
        await unseal(new Secret(passphrase), { ip, isLocal: bearer !== null && isLocalToken(bearer) })
        return send(reply, endpoint, { unsealed: true }, logger)
      },
    })
    for (const base of new Set(['', basePath])) {
      app.get(`${base}/healthz`, async () => ({ status: 'sealed' }))
      app.get(`${base}/readyz`, sealed)
    }
    app.get(`${basePath}/sealed.js`, sendAs('text/javascript', sealedScript))
    app.get(`${basePath}/sealed.css`, sendAs('text/css', sealedStyle))
    app.all(`${prefix}/*`, sealed)
    app.get('/*', showPage)
    return app
  }

  const main = build()
  const second = config.apiPort === null ? null : build()
  const apps = second ? [main, second] : [main]

  /** Throws `config.port_taken`. Returns the address to open on this machine. */
  async function listen(): Promise<string> {
    try {
      await listenOn(main, config.host, config.port)
      if (second && config.apiPort !== null) await listenOn(second, config.host, config.apiPort)
    } catch (error) {
      await close()
      throw error
    }
    return urlOf(main, basePath)
  }

  /** Lets the answer out that is on its way, and frees the port. */
  async function close(): Promise<void> {
    isClosing = true
    const callOff = clock.after(closeWithinMs, () => {
      for (const app of apps) app.server.closeAllConnections()
    })
    await Promise.all(apps.map((app) => app.close()))
    callOff()
  }

  return { listen, close }
}

const sendAs = (mediaType: string, text: string) => async (_request: unknown, reply: FastifyReply) =>
  reply.type(`${mediaType}; charset=utf-8`).header('cache-control', 'no-cache').send(text)
