import { connect, type Socket } from 'node:net'
import { fail, toMessage } from '../lib/errors.ts'

/** Connects to the first of these addresses that answers; no name is looked up. Throws `outgoing.no_answer`. */
export async function connectTo(
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  let last: unknown
  for (const host of addresses) {
    signal.throwIfAborted()
    try {
      return await connectOnce(host, port, signal)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      last = error
    }
  }
  const code = last instanceof Error && 'code' in last ? String(last.code) : toMessage(last)
  throw fail('outgoing.no_answer', { detail: `Port ${port}: ${code}.`, cause: last })
}

function connectOnce(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const socket = connect({ host, port })
  const stop = () => socket.destroy(signal.reason as Error)
  signal.addEventListener('abort', stop, { once: true })
  socket.once('connect', () => {
    socket.off('error', reject)
    // Whoever uses it hears of errors too; without a listener one that comes late would end the process.
    socket.on('error', () => {})
    resolve(socket)
  })
  socket.once('error', reject)
  return promise.finally(() => signal.removeEventListener('abort', stop))
}
