import type { AnyRouter } from '@tanstack/react-router'
import { basePath, buildOfPage } from '../base.ts'

/** The build that the server has now; null when it does not say. */
async function askBuild(): Promise<string | null> {
  const asked = { headers: { accept: 'text/html' }, cache: 'no-store' } as const
  const signal = AbortSignal.timeout(10_000)
  const page = await fetch(`${basePath}/`, { ...asked, signal })
    .then((reply) => reply.text())
    .catch(() => '')
  return / data-build="(\w+)"/.exec(page)?.[1] ?? null
}

/** The build for which this tab was loaded anew: once, whatever comes of it. */
const triedKey = 'carl.build'

/**
 * After an upgrade the server has no files of the build before. A page that is open stays as it is; the next one that is
 * gone to comes whole from the new build, and so does this one when a part of it is no longer there.
 */
export function followUpgrades(router: Pick<AnyRouter, 'subscribe'>): { look(): void } {
  let newer: string | null = null

  async function look(): Promise<void> {
    const build = await askBuild()
    if (build !== null) newer = build === buildOfPage ? null : build
  }
  function loadAnew(): void {
    if (newer === null || sessionStorage.getItem(triedKey) === newer) return
    sessionStorage.setItem(triedKey, newer)
    location.reload()
  }

  if (buildOfPage === '') return { look: () => undefined }
  addEventListener('vite:preloadError', () => void look().then(loadAnew))
  router.subscribe('onBeforeLoad', ({ pathChanged }) => {
    if (pathChanged) loadAnew()
  })
  return { look: () => void look() }
}
