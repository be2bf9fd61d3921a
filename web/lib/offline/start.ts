import type { QueryClient } from '@tanstack/react-query'
import type { AnyRouter } from '@tanstack/react-router'
import { buildOfPage } from '../base.ts'
import { isOffline, setConnection, useConnection } from '../connection.ts'
import { canHaveWorker, shellPrefix, startWorker, tellWorker } from '../worker.ts'
import { forgetKept } from './forget.ts'
import { keepState } from './keep.ts'
import { dressWindow } from './look.ts'
import { guardWhileAway } from './guard.ts'
import { showKept } from './show.ts'
import { followUpgrades } from './upgrade.ts'

export { forgetKept }

let keeping: ReturnType<typeof keepState> | undefined

let isGuarded = false
function guard(queries: QueryClient): void {
  if (!isGuarded) guardWhileAway(queries)
  isGuarded = true
}

/** For a page that came from the worker: the server does not answer, and what was seen last stands in. */
export async function openWithoutServer(queries: QueryClient): Promise<void> {
  guard(queries)
  const isShown = await showKept(queries).catch(() => false)
  if (isShown) setConnection('offline')
}

/** All that makes the dashboard useful without the server, once the first page is drawn: none of it is needed for that. */
export function startOffline(queries: QueryClient, router: Pick<AnyRouter, 'subscribe'>): void {
  dressWindow()
  guard(queries)
  const upgrades = followUpgrades(router)
  useConnection.subscribe((now, before) => {
    if (isOffline(now)) void showKept(queries).catch(() => undefined)
    // Whatever was shown meanwhile is old, who is signed in included.
    else if (isOffline(before) && now.state !== 'connecting') void queries.invalidateQueries()
    if (now.state === 'live' && before.state !== 'connecting') upgrades.look()
  })
  // Without a worker nothing kept could ever be shown.
  if (canHaveWorker()) keeping = keepState(queries, async () => void keepShell().catch(() => undefined))
}

async function keepShell(): Promise<void> {
  const registration = await startWorker()
  // After an upgrade the browser looks for the newer worker when it pleases, which may be minutes later.
  if (registration.active && !(await caches.has(`${shellPrefix()}${buildOfPage}`)))
    await registration.update()
  await navigator.serviceWorker.ready
  await tellWorker('keep')
}

/** What a password opened that is no longer the one goes from this device; what comes after it is kept again. */
export const forgetBefore = async (): Promise<void> => keeping?.forget()
