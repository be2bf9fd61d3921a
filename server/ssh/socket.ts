import { connect, type Socket } from 'node:net'
import type { ErrorCode } from '../../contract/errors.ts'
import type { Clock } from '../lib/clock.ts'
import { type AppError, fail } from '../lib/errors.ts'

/** How long a node may take to answer at all, milliseconds: the figure of the requirements. */
export const connectWithinMs = 5_000

interface SocketOrder {
  /** Literal: nothing is looked up here, so what was checked is what is connected to. */
  readonly address: string
  readonly port: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Opens a TCP connection. Throws `ssh.connection_refused`, `host_unreachable`, `connection_timeout` or `connection_reset`. */
export function openSocket({ address, port, clock, signal }: SocketOrder): Promise<Socket> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  // Waiting to fill up small packets makes every command ten times slower.
  const socket = connect({
    host: address,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
  })
  const give = (error: unknown) => {
    socket.destroy()
    reject(error as Error)
  }
  const onAbort = () => give(signal.reason)
  const onError = (error: Error) => give(toSocketFailure(error, address, port))
  const callOff = clock.after(connectWithinMs, () => {
    const detail = `${address} port ${port} did not answer within ${connectWithinMs / 1000} s.`
    give(fail('ssh.connection_timeout', { detail }))
  })
  signal.addEventListener('abort', onAbort, { once: true })
  socket.once('error', onError)
  socket.once('connect', () => resolve(socket))
  return promise.finally(() => {
    callOff()
    signal.removeEventListener('abort', onAbort)
    socket.off('error', onError)
    // Between two owners an error must find a listener, or it ends the process.
    socket.on('error', () => {})
  })
}

const codes: Record<string, ErrorCode> = {
  ECONNREFUSED: 'ssh.connection_refused',
  EHOSTUNREACH: 'ssh.host_unreachable',
  ENETUNREACH: 'ssh.host_unreachable',
  EHOSTDOWN: 'ssh.host_unreachable',
  EADDRNOTAVAIL: 'ssh.host_unreachable',
  ETIMEDOUT: 'ssh.connection_timeout',
}

function toSocketFailure(error: Error, address: string, port: number): AppError {
  const code = 'code' in error ? String(error.code) : ''
  const detail = `${address} port ${port}: ${code || error.message}.`
  return fail(codes[code] ?? 'ssh.connection_reset', { detail, cause: error })
}
