import './styles.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { sessionQuery } from './account/queries.ts'
import { loadOffline } from './lib/later.ts'
import { loadMessages, loadRestOfMessages } from './lib/messages.ts'
import { applyPreferences } from './lib/preferences.ts'
import { createQueries } from './lib/query.ts'
import { createDashboardRouter } from './router.tsx'

applyPreferences()
const queries = createQueries(() => void leaveWhenSignedOut())

/** A proof of presence changes the cookie; a call that was on its way then is refused, and nobody is signed out. */
async function leaveWhenSignedOut(): Promise<void> {
  // Only what was a session can end: a first visit without one is no news.
  if (!queries.getQueryData(sessionQuery.queryKey)) return
  const user = await queries.fetchQuery({ ...sessionQuery, staleTime: 0 }).catch(() => undefined)
  if (user === undefined) return
  if (user) return queries.invalidateQueries({ predicate: ({ state }) => state.status === 'error' })
  const to = router.state.location.href
  await router.navigate({ to: '/login', search: { to, ended: true } })
}
const router = createDashboardRouter(queries)

// From the worker, since the server does not answer: what was seen last is all there is.
if (document.documentElement.dataset.kept) {
  await (await loadOffline()).openWithoutServer(queries)
}

// Who is signed in and the code of the page come beside each other.
const matches = router.matchRoutes(router.latestLocation)
if (matches.some(({ routeId }) => routeId === '/inside')) void queries.prefetchQuery(sessionQuery)
for (const { routeId } of matches) {
  const route = Object.values(router.routesById).find(({ id }) => id === routeId)
  // A page that cannot be fetched tells of it when it is to be drawn.
  if (route) router.loadRouteChunk(route)?.catch(() => undefined)
}

const place = document.getElementById('root')
if (!place) throw new Error('the page has no place for the dashboard')
await loadMessages()
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
// Safari knows no idle time.
const whenIdle = globalThis.requestIdleCallback ?? setTimeout
whenIdle(() => {
  loadRestOfMessages().catch(() => undefined)
  loadOffline()
    .then(({ startOffline }) => startOffline(queries, router))
    .catch(() => undefined)
})
