import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { fail } from '../lib/errors.ts'

/** Throws `config.port_taken` when somebody else has the port. */
export async function listenOn(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw fail('config.port_taken', {
      detail: `Another program already listens on port ${port}.`,
      cause: error,
    })
  }
}

/** The address to open on this machine: who listens everywhere is reached as localhost. */
export function urlOf(app: FastifyInstance, basePath: string): string {
  const { address, family, port } = app.server.address() as AddressInfo
  const isEverywhere = address === '0.0.0.0' || address === '::'
  const host = isEverywhere ? 'localhost' : family === 'IPv6' ? `[${address}]` : address
  return `http://${host}:${port}${basePath}`
}
