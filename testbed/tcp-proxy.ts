import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

interface ProxyOptions {
  readonly host?: string
  /** Each chunk is held back for so long, each way, milliseconds. */
  readonly delayMs?: number
}

interface Pair {
  readonly near: Socket
  readonly far: Socket
}

/** A port of this machine where nobody listens just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Stands between a client and a server on this machine, and breaks the link between them in the usual ways. */
export async function startTcpProxy(
  target: number | (() => number),
  { host = '127.0.0.1', delayMs = 0 }: ProxyOptions = {},
) {
  const pairs = new Set<Pair>()
  let isPaused = false
  let isRefusing = false
  let connections = 0
  let bytesToServer = 0

  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    connections++
    if (isRefusing) return void near.resetAndDestroy()
    const port = typeof target === 'number' ? target : target()
    const far = connect({ port, host, noDelay: true, allowHalfOpen: true })
    const pair = { near, far }
    pairs.add(pair)
    near.on('data', (chunk: Buffer) => {
      bytesToServer += chunk.length
    })
    pass(near, far)
    pass(far, near)
    for (const socket of [near, far]) {
      // Both ends learn of a break in their own way; here it only ends the pair.
      socket.on('error', () => {})
      socket.once('close', () => {
        pairs.delete(pair)
        if (isPaused) return
        near.destroy()
        far.destroy()
      })
    }
    if (isPaused) hold(pair)
  })

  function pass(from: Socket, to: Socket): void {
    from.on('data', (chunk: Buffer) => {
      const send = () => {
        if (to.writable && !to.write(chunk)) {
          from.pause()
          to.once('drain', () => {
            if (!isPaused) from.resume()
          })
        }
      }
      if (delayMs > 0) setTimeout(send, delayMs)
      else send()
    })
    from.on('end', () => {
      if (delayMs > 0) setTimeout(() => to.end(), delayMs)
      else to.end()
    })
  }

  function hold({ near, far }: Pair): void {
    near.pause()
    far.pause()
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    port,
    /** How many connections came so far. */
    get connections() {
      return connections
    },
    /** How many are open now. */
    get open() {
      return pairs.size
    },
    get bytesToServer() {
      return bytesToServer
    },
    /** Nothing passes any more, in either direction, and nobody is told: a cable pulled out. */
    pause: (): void => {
      isPaused = true
      for (const pair of pairs) hold(pair)
    },
    resume: (): void => {
      isPaused = false
      for (const { near, far } of pairs) {
        near.resume()
        far.resume()
      }
    },
    /** Resets every open connection, both ways. */
    cut: (): void => {
      for (const { near, far } of pairs) {
        near.resetAndDestroy()
        far.resetAndDestroy()
      }
    },
    /** Whether new connections are reset at once. */
    refuse: (yes: boolean): void => {
      isRefusing = yes
    },
    close: async (): Promise<void> => {
      isPaused = false
      for (const { near, far } of pairs) {
        near.destroy()
        far.destroy()
      }
      server.close()
      await once(server, 'close')
    },
  }
}
export type TcpProxy = Awaited<ReturnType<typeof startTcpProxy>>
