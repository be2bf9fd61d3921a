import { isOfBuild, toKeptPage } from './answer.ts'

declare const self: ServiceWorkerGlobalScope

/** Files on their way at a time: whoever works in the dashboard meanwhile comes first. */
const atOnce = 4

export interface Build {
  readonly id: string
  /** Paths below the base path. */
  readonly files: readonly string[]
}

/** The server no longer has the files of this build. */
class AnotherBuild extends Error {}

/** The shell of one build in the caches of the browser: every file of it, and the page. Nothing of anybody's. */
export function createShell({ id, files }: Build) {
  const { scope } = self.registration
  // Several dashboards may lie below one origin, at paths of their own.
  const prefix = `carl-shell ${scope} `
  const name = `${prefix}${id}`
  /** Taken back when somebody signs out while files are still on their way. */
  let isWanted = true

  let last: Promise<void> = Promise.resolve()
  /** One after the other: what is being kept has ended before it is forgotten. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }

  const namesOfOurs = async () => (await caches.keys()).filter((each) => each.startsWith(prefix))

  /** Fetches what is missing. The page comes last, so a shell that has its page is whole. */
  function keep(): Promise<void> {
    isWanted = true
    return inTurn(keepAll)
  }

  async function keepAll(): Promise<void> {
    if (!isWanted) return
    const cache = await caches.open(name)
    if (await cache.match(scope)) return
    const left = [...files]
    try {
      await Promise.all(Array.from({ length: atOnce }, () => keepSome(cache, left)))
      await keepPage(cache)
    } catch (error) {
      // Asked while the next build took over: what it has cleared away must not stand there again.
      if (error instanceof AnotherBuild) await caches.delete(name)
      throw error
    }
    if (!isWanted) await caches.delete(name)
  }

  async function keepSome(cache: Cache, left: string[]): Promise<void> {
    for (let file = left.shift(); file !== undefined && isWanted; file = left.shift()) {
      const url = `${scope}${file}`
      if (await cache.match(url)) continue
      // The same name is the same content, and the build before may have it.
      const known = file.startsWith('assets/') ? await caches.match(url) : undefined
      const reply = known ?? (await fetch(url, { priority: 'low' }))
      if (reply.status === 404) throw new AnotherBuild()
      if (!reply.ok || reply.redirected) throw new Error(`${file} is not there`)
      await cache.put(url, reply)
    }
  }

  async function keepPage(cache: Cache): Promise<void> {
    const reply = await fetch(scope, { cache: 'no-store', headers: { accept: 'text/html' } })
    const page = await reply.text()
    if (!reply.ok) throw new Error('the page is not there')
    if (!isOfBuild(page, id)) throw new AnotherBuild()
    const headers = new Headers(reply.headers)
    for (const ofTheWire of ['content-encoding', 'content-length']) headers.delete(ofTheWire)
    if (isWanted) await cache.put(scope, new Response(toKeptPage(page), { headers }))
  }

  /** Removes this shell and those of other builds. */
  function forget(): Promise<void> {
    isWanted = false
    return inTurn(async () => {
      await Promise.all((await namesOfOurs()).map((each) => caches.delete(each)))
    })
  }

  async function forgetOthers(): Promise<void> {
    const others = (await namesOfOurs()).filter((each) => each !== name)
    await Promise.all(others.map((each) => caches.delete(each)))
  }

  return {
    keep,
    forget,
    forgetOthers,
    /** Whether somebody who is signed in here has a shell, of whatever build. */
    isKept: async () => (await namesOfOurs()).length > 0,
    page: () => caches.match(scope, { cacheName: name }),
    file: (url: string) => caches.match(url, { cacheName: name }),
  }
}
