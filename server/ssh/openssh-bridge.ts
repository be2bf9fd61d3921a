import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * Lets ssh, which is another process, use a stream of ours: a port on this machine that takes one connection and then
 * is gone. Whoever else came first would meet the node's SSH server, and nothing of ours.
 */
export async function bridge(stream: Duplex): Promise<{ port: number; close(): void }> {
  const server = createServer({ noDelay: true }, (socket) => {
    server.close()
    socket.on('error', () => stream.destroy())
    stream.on('error', () => socket.destroy())
    stream.once('close', () => socket.destroy())
    socket.once('close', () => stream.destroy())
    socket.pipe(stream).pipe(socket)
  })
  server.maxConnections = 1
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close()
      stream.destroy()
    },
  }
}
