import { basePath, buildOfPage } from './base.ts'

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (address: string) => string },
  ): {
    createScriptURL(address: string): string
  }
}

/** The one script that may run without a page. The policy of the page takes no plain text for such an address. */
function workerAddress(): string {
  const address = `${basePath}/worker.js`
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  if (!trustedTypes) return address
  const policy = trustedTypes.createPolicy('carl-worker', { createScriptURL: (given) => given })
  return policy.createScriptURL(address)
}

/** Over plain HTTP there is none, nor in development, where the worker is not built. */
export const canHaveWorker = (): boolean =>
  buildOfPage !== '' && isSecureContext && 'serviceWorker' in navigator

const scope = `${basePath}/`

/** The worker that shows messages and opens the dashboard without the server: one for both. */
export const startWorker = (): Promise<ServiceWorkerRegistration> =>
  navigator.serviceWorker.register(workerAddress(), { scope })

/** How the caches begin that the worker keeps a build in, before the name of the build; see web/worker/shell.ts. */
export const shellPrefix = (): string => `carl-shell ${location.origin}${scope} `

/** The worker as it is; undefined when there is none. */
export const findWorker = async (): Promise<ServiceWorkerRegistration | undefined> =>
  'serviceWorker' in navigator ? navigator.serviceWorker.getRegistration(scope) : undefined

/** Tells the worker to keep the shell, or to forget it. */
export async function tellWorker(what: 'keep' | 'forget'): Promise<void> {
  const worker = await findWorker()
  const script = worker?.active ?? worker?.waiting ?? worker?.installing
  script?.postMessage(what)
}
