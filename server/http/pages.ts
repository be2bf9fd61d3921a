import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Api } from '../../contract/endpoint.ts'
import type { Dashboard } from './dashboard.ts'
import { docsStyle } from './docs-style.ts'
import { once } from '../lib/once.ts'
import type { OpenApi } from './openapi.ts'
import { renderWelcomePage, welcomeScript } from './welcome-page.ts'

interface Pages {
  readonly api: Api
  readonly document: () => Promise<OpenApi>
  readonly basePath: string
  readonly dashboard: Dashboard | null
}

/** Screens of the dashboard that links lead to: without it, the API page says how to go on. */
const linkedScreens = ['/setup', '/login']

/** What a person can open in a browser. The API page is rendered once: nothing on it depends on who looks. */
export function servePages(app: FastifyInstance, { api, document, basePath, dashboard }: Pages): void {
  const docs = `${basePath}/api/docs`
  const page = once(async () => {
    const { renderDocsPage } = await import('./docs-page.ts')
    return renderDocsPage({ api, document: await document(), basePath })
  })
  app.get(docs, sendAs('text/html', page))
  app.get(
    `${docs}.css`,
    sendAs('text/css', () => docsStyle),
  )
  if (dashboard) dashboard.mount(app)
  else standInForDashboard(app, basePath, docs)
  // Without the slash at the end, and at the root for whoever forgot the base path.
  if (basePath) for (const path of [basePath, '/']) app.get(path, leadTo(`${basePath}/`))
}

/** A server that runs from its sources has no dashboard: a link still signs in, and the rest leads to the API page. */
function standInForDashboard(app: FastifyInstance, basePath: string, docs: string): void {
  app.get(
    `${basePath}/welcome`,
    sendAs(
      'text/html',
      once(() => renderWelcomePage(basePath)),
    ),
  )
  app.get(
    `${basePath}/welcome.js`,
    sendAs('text/javascript', () => welcomeScript),
  )
  app.get(`${basePath}/`, leadTo(docs))
  for (const screen of linkedScreens) app.get(`${basePath}${screen}`, leadTo(`${docs}#sign-in`))
}

const sendAs =
  (mediaType: string, text: () => string | Promise<string>) =>
  async (_request: unknown, reply: FastifyReply) =>
    reply
      .type(`${mediaType}; charset=utf-8`)
      .header('cache-control', 'no-cache')
      .send(await text())

const leadTo = (path: string) => async (_request: unknown, reply: FastifyReply) => reply.redirect(path)
