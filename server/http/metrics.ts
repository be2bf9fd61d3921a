import type { FastifyInstance } from 'fastify'
import { fail } from '../lib/errors.ts'
import type { ReadCaller } from './caller.ts'

/** What Prometheus reads, and with which token. */
export interface MetricsDoor {
  readonly isOn: () => boolean
  readonly isToken: (text: string) => boolean
  readonly scrape: () => Promise<{ readonly text: string; readonly contentType: string }>
}

/** `/metrics`, at the place where Prometheus looks. It is not there until somebody switches it on. */
export function serveMetrics(
  app: FastifyInstance,
  basePath: string,
  { isOn, isToken, scrape }: MetricsDoor,
  readCaller: ReadCaller,
): void {
  app.get(`${basePath}/metrics`, async (request, reply) => {
    if (!isOn()) throw fail('request.not_found')
    const { bearer } = readCaller(request.raw).claim
    if (bearer === null || !isToken(bearer)) throw fail('auth.required')
    const { text, contentType } = await scrape()
    return reply.type(contentType).send(text)
  })
}
