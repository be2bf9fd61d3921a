import { shellPrefix, tellWorker } from '../worker.ts'
import { clear } from './store.ts'

/** Removes from this device what was kept of somebody: what they saw, and the shell that would show it. */
export async function forgetKept(): Promise<void> {
  await Promise.allSettled([clear(), forgetShell()])
}

async function forgetShell(): Promise<void> {
  if (!('caches' in globalThis)) return
  // The worker may be fetching it at this moment; but it need not be there, and the page can do most by itself.
  await tellWorker('forget')
  const ours = (await caches.keys()).filter((name) => name.startsWith(shellPrefix()))
  await Promise.all(ours.map((name) => caches.delete(name)))
}
