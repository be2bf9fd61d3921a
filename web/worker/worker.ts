import { answerTo, isAnswer } from './answer.ts'
import { showMessages } from './push.ts'
import { type Build, createShell } from './shell.ts'

declare const self: ServiceWorkerGlobalScope
/** Written in by scripts/build.ts. */
declare const carlBuild: Build

/** The page is waited for this long when there is a kept one, milliseconds: away from home nothing answers at all. */
const patienceMs = 4_000

const { scope } = self.registration
const files = new Set(carlBuild.files)
const shell = createShell(carlBuild)

showMessages()

self.addEventListener('install', (event) => {
  passApiBy(event)
  event.waitUntil(
    (async () => {
      // Whoever had the shell of the build before gets this one whole before it takes over.
      if (await shell.isKept()) await shell.keep()
      await self.skipWaiting()
    })(),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      // The page is asked for while the worker is still starting.
      await self.registration.navigationPreload?.enable()
      await shell.forgetOthers()
      await self.clients.claim()
    })(),
  )
})

/** Where somebody is signed in there is something to show later; a visitor of the sign-in page takes nothing along. */
self.addEventListener('message', (event) => {
  if (event.data === 'keep') event.waitUntil(keepThisAlone().catch(() => undefined))
  if (event.data === 'forget') event.waitUntil(shell.forget())
})

/** The worker of the build before may have been keeping its own while this one took over. */
async function keepThisAlone(): Promise<void> {
  await shell.keep()
  if (self.registration.installing === null && self.registration.waiting === null) await shell.forgetOthers()
}

self.addEventListener('fetch', (event) => {
  const { request } = event
  const answer = answerTo(request, scope, files)
  if (answer === 'page') event.respondWith(openPage(event))
  if (answer === 'file') event.respondWith(openFile(request))
})

/** The server's own page whenever it answers: a new build takes over with the next page that is opened. */
async function openPage(event: FetchEvent): Promise<Response> {
  const fresh = (async () =>
    ((await event.preloadResponse) as Response | undefined) ?? fetch(event.request))()
  const settled = fresh.then(
    (reply) => (isAnswer(reply) ? reply : undefined),
    () => undefined,
  )
  event.waitUntil(settled)
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, patienceMs))
  return (await Promise.race([settled, late])) ?? (await shell.page()) ?? fresh
}

/** Its name changes with what is in it, so the kept one is the right one. */
const openFile = async (request: Request): Promise<Response> =>
  (await shell.file(request.url)) ?? fetch(request)

interface Routed {
  /** Of Chromium and, lately, others: requests that need not wake the worker. */
  addRoutes?(route: { condition: { urlPattern: { pathname: string } }; source: 'network' }): Promise<void>
}

function passApiBy(event: ExtendableEvent & Routed): void {
  const added = event.addRoutes?.({
    condition: { urlPattern: { pathname: `${new URL(scope).pathname}api/*` } },
    source: 'network',
  })
  if (added) event.waitUntil(added.catch(() => undefined))
}
