import { randomBytes } from 'node:crypto'
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isPagePath } from './page-path.ts'
import { policyOfPage } from './security-headers.ts'

/** Stands in the built page where the base path belongs, and where the nonce does; vite.config.ts writes them. */
const basePlaceholder = '/__carl_base__/'
const noncePlaceholder = '__carl_nonce__'

/** The folder of the built dashboard; null when the server runs from its sources, where it is not built. */
export function findDashboard(): string | null {
  const folder = new URL('./web/', import.meta.url)
  return existsSync(new URL('index.html', folder)) ? fileURLToPath(folder) : null
}

/** Serves a built dashboard below the base path: its files by name, and its one page at every address that is a page. */
export function createDashboard(folder: string, basePath: string) {
  const base = `${basePath}/`
  const page = readFileSync(join(folder, 'index.html'), 'utf8')
    .replaceAll(basePlaceholder, base)
    .replace('data-base=""', `data-base="${basePath}"`)
  const assets = join(folder, 'assets')
  const assetNames = new Set(readdirSync(assets).filter((name) => !/\.(br|gz)$/.test(name)))
  const rootFiles = globSync('*', { cwd: folder }).filter((name) => isPlain(name) && name !== 'index.html')

  /** Whether the page answers a request that nothing else takes. */
  function takes({ method, url, headers }: FastifyRequest): boolean {
    if (method !== 'GET' && method !== 'HEAD') return false
    return headers.accept?.includes('text/html') === true && isPagePath(pathOf(url), basePath)
  }

  /** The page, with a nonce for styles that no other reply has. */
  function send({ headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
    const nonce = randomBytes(16).toString('base64')
    return reply
      .headers({ 'content-security-policy': policyOfPage(nonce), 'cache-control': 'no-cache' })
      .type('text/html; charset=utf-8')
      .send(
        page
          .replaceAll(noncePlaceholder, nonce)
          .replace('data-signed-in=""', `data-signed-in="${mayBeSignedIn(headers.cookie)}"`),
      )
  }

  function mount(app: FastifyInstance): void {
    app.register(fastifyStatic, {
      root: assets,
      // Hundreds of files with a route for each would take two megabytes.
      serve: false,
      preCompressed: true,
      // The name of an asset changes with what is in it.
      maxAge: '365d',
      immutable: true,
    })
    // Names that are there now, and no paths: nothing else can be reached by any spelling.
    app.get<{ Params: { name: string } }>(`${base}assets/:name`, ({ params: { name } }, reply) =>
      assetNames.has(name) ? reply.sendFile(name) : reply.callNotFound(),
    )
    for (const name of rootFiles) {
      const look = { root: folder, maxAge: 0, immutable: false }
      app.get(`${base}${name}`, (_request, reply) => reply.sendFile(name, folder, look))
    }
    app.get(base, send)
  }

  return { takes, send, mount }
}
export type Dashboard = ReturnType<typeof createDashboard>

/** A hint for the page alone: by any name of the session cookie, and whatever it is worth. */
const mayBeSignedIn = (cookie = ''): string => (/(^|[;\s_-])carl=./.test(cookie) ? 'yes' : '')

/** A file, and not what was made of it to travel faster. */
const isPlain = (name: string): boolean => /\.(js|svg|png|ico|webmanifest|txt)$/.test(name)

const pathOf = (url: string): string => url.replace(/\?.*$/s, '')
