import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Api } from '../../contract/endpoint.ts'
import { renderDocsPage } from './docs-page.ts'
import { docsStyle } from './docs-style.ts'
import type { OpenApi } from './openapi.ts'
import { renderWelcomePage, welcomeScript } from './welcome-page.ts'

interface Pages {
  readonly api: Api
  readonly document: OpenApi
  readonly basePath: string
}

/** Screens that people look for by name before they exist: the API page says how to go on. */
const plannedScreens = ['/setup', '/login']

/** What a person can open in a browser. Rendered once: nothing on these pages depends on who looks. */
export function servePages(app: FastifyInstance, { api, document, basePath }: Pages): void {
  const docs = `${basePath}/api/docs`
  const sendAs = (mediaType: string, text: string) => async (_request: unknown, reply: FastifyReply) =>
    reply.type(`${mediaType}; charset=utf-8`).header('cache-control', 'no-cache').send(text)
  const leadTo = (path: string) => async (_request: unknown, reply: FastifyReply) => reply.redirect(path)

  app.get(docs, sendAs('text/html', renderDocsPage({ api, document, basePath })))
  app.get(`${docs}.css`, sendAs('text/css', docsStyle))
  app.get(`${basePath}/welcome`, sendAs('text/html', renderWelcomePage(basePath)))
  app.get(`${basePath}/welcome.js`, sendAs('text/javascript', welcomeScript))
  // The dashboard will be served from here.
  app.get(`${basePath}/`, leadTo(docs))
  for (const screen of plannedScreens) app.get(`${basePath}${screen}`, leadTo(`${docs}#sign-in`))
  // Without the slash at the end, and at the root for whoever forgot the base path.
  if (basePath) for (const path of [basePath, '/']) app.get(path, leadTo(`${basePath}/`))
}
