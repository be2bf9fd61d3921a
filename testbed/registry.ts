import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a registry answers to one tag instead of its digest. */
export interface OddAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

/** A digest that looks like one. */
export const digestOf = (number: number): string =>
  `sha256:${number.toString(16).padStart(12, '0').padEnd(64, 'c')}`

/**
 * An OCI registry on the loopback address, as far as one is asked by whoever looks for newer images: digests of tags, lists
 * of tags, and tokens. Everything it is asked is on record.
 */
export async function startRegistry({ port = 0 } = {}) {
  /** `path:tag` → its digest, or what is answered instead. */
  const tags = new Map<string, string | OddAnswer>()
  const heard: string[] = []
  const world = {
    tags,
    heard,
    /** Asks for a token, as Docker Hub does for everybody. */
    wantsToken: false,
    /** Said instead of the usual `WWW-Authenticate`. */
    challenge: null as string | null,
    /** Said instead of a list of tags. */
    list: null as string | null,
    /** Tags on one page of a list. */
    perPage: 1_000,
    /** Runs before each answer: to wait, or to break the connection. */
    before: null as ((request: IncomingMessage, reply: ServerResponse) => unknown) | null,
  }

  const server = createServer((request, reply) => {
    heard.push(`${request.method} ${request.url}`)
    void Promise.resolve(world.before?.(request, reply)).then(() => {
      if (!reply.destroyed) answer(request, reply)
    })
  })

  function answer(request: IncomingMessage, reply: ServerResponse): void {
    const url = new URL(request.url ?? '/', `http://${host()}`)
    if (url.pathname === '/token') {
      const token = `for ${url.searchParams.get('scope')}`
      reply.setHeader('content-type', 'application/json')
      reply.end(JSON.stringify({ token: Buffer.from(token).toString('base64') }))
      return
    }
    const parts = /^\/v2\/(?<path>.+)\/(?:manifests\/(?<tag>[^/]+)|tags\/list)$/.exec(url.pathname)?.groups
    const path = parts?.['path'] ?? ''
    if (world.wantsToken && request.headers.authorization !== bearerFor(path)) {
      const usual = `Bearer realm="http://${host()}/token",service="here",scope="repository:${path}:pull"`
      reply.writeHead(401, { 'www-authenticate': world.challenge ?? usual }).end()
      return
    }
    if (parts?.['tag'] === undefined) return answerList(url, path, reply)
    // A registry that is asked for one kind of machine tells another digest than nodes know.
    const takesIndex = request.headers.accept?.includes('application/vnd.oci.image.index.v1+json')
    const found = takesIndex ? tags.get(`${path}:${parts['tag']}`) : digestOf(404)
    if (found === undefined) reply.writeHead(404).end()
    else if (typeof found === 'string') reply.writeHead(200, { 'docker-content-digest': found }).end()
    else reply.writeHead(found.status, found.headers).end()
  }

  function answerList(url: URL, path: string, reply: ServerResponse): void {
    if (world.list !== null) return void reply.end(world.list)
    const all = [...tags.keys()]
      .filter((key) => key.startsWith(`${path}:`))
      .map((key) => key.slice(path.length + 1))
    const last = url.searchParams.get('last')
    const rest = all.slice(last === null ? 0 : all.indexOf(last) + 1)
    const page = rest.slice(0, world.perPage)
    if (rest.length > page.length) {
      reply.setHeader('link', `</v2/${path}/tags/list?last=${page.at(-1)}&n=${world.perPage}>; rel="next"`)
    }
    reply.end(JSON.stringify({ name: path, tags: page }))
  }

  const host = () => `127.0.0.1:${(server.address() as AddressInfo).port}`
  const bearerFor = (path: string) =>
    `Bearer ${Buffer.from(`for repository:${path}:pull`).toString('base64')}`

  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(world, {
    host: host(),
    async stop(): Promise<void> {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}
export type TestRegistry = Awaited<ReturnType<typeof startRegistry>>
