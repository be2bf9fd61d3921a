import type { BrowserContext, Page } from '@playwright/test'
import { type Canary, findCanaries } from '../testbed/canaries.ts'

/** What a browser keeps of a dashboard beside its cookies. */
interface Kept {
  /** Every record of every database, as JSON. */
  readonly records: string
  /** Names of the caches with something in them: Chromium leaves an empty one where a file was looked for meanwhile. */
  readonly caches: readonly string[]
  /** What lies in them, but for the code: that is everybody's. */
  readonly cached: string
  /** Local and session storage. */
  readonly storage: string
}

// In the browser; this room does not know its types.
const look = `(async () => {
  const done = (asked) => new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error)
  })
  const records = []
  for (const { name } of await indexedDB.databases()) {
    const db = await done(indexedDB.open(name))
    const stores = [...db.objectStoreNames]
    if (stores.length > 0) {
      const reading = db.transaction(stores)
      records.push(...await Promise.all(stores.map((store) => done(reading.objectStore(store).getAll()))))
    }
    db.close()
  }
  const names = []
  const cached = []
  for (const name of 'caches' in globalThis ? await caches.keys() : []) {
    const cache = await caches.open(name)
    const requests = await cache.keys()
    if (requests.length > 0) names.push(name)
    for (const request of requests) {
      if (/\\/assets\\//.test(request.url)) continue
      cached.push(request.url, await (await cache.match(request)).text())
    }
  }
  return {
    records: JSON.stringify(records.flat()),
    caches: names,
    cached: cached.join('\\n'),
    storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
  }
})()`

export const keptIn = (page: Page): Promise<Kept> => page.evaluate<Kept>(look)

/** Looks for secrets in what the browser has kept by the end of a journey. */
export async function findKept(
  context: BrowserContext,
  url: string,
  canaries: readonly Canary[],
): Promise<string[]> {
  const page = context.pages().find((open) => open.url().startsWith(url))
  if (!page) return []
  return Object.entries(await keptIn(page)).flatMap(([where, text]) =>
    findCanaries(String(text), canaries).map((name) => `${name} in the ${where} of the browser`),
  )
}
