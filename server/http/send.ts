import type { FastifyReply } from 'fastify'
import type { Endpoint } from '../../contract/endpoint.ts'
import { isDownload } from '../../contract/endpoint.ts'
import type { Logger } from '../lib/logger.ts'
import type { DownloadReply } from '../lib/routes.ts'
import { pack, packedFromBytes, takesGzip } from './packing.ts'

/**
 * Sends what a handler returned. A reply that the contract does not promise is a bug and never leaves: it might hold
 * what nobody meant to show.
 */
export async function send(
  reply: FastifyReply,
  endpoint: Endpoint,
  result: unknown,
  logger: Logger,
): Promise<FastifyReply> {
  const { reply: promised, status = 200, method, path } = endpoint
  reply.code(status)
  if (isDownload(promised)) {
    const file = result as DownloadReply
    if (!promised.download.includes(file.mediaType)) {
      throw new Error(`${method} ${path} does not promise ${file.mediaType}`)
    }
    return sendFile(reply, file, logger)
  }
  const checked = promised.safeParse(result)
  if (!checked.success) {
    throw new Error(`${method} ${path} returned what the contract does not promise`, { cause: checked.error })
  }
  if (status === 204) return reply.send()
  reply.type('application/json; charset=utf-8')
  const text = JSON.stringify(checked.data)
  // What is read only: the reply to a change may hold a secret beside words of the caller, and packed, its length would
  // tell about it. Such a reply is short.
  if (method !== 'GET') return reply.send(text)
  reply.header('vary', 'accept-encoding')
  if (text.length < packedFromBytes || !takesGzip(reply.request.headers['accept-encoding'])) {
    return reply.send(text)
  }
  return reply.header('content-encoding', 'gzip').send(await pack(text))
}

function sendFile(reply: FastifyReply, { mediaType, fileName, body }: DownloadReply, logger: Logger) {
  reply.type(mediaType === 'application/octet-stream' ? mediaType : `${mediaType}; charset=utf-8`)
  if (fileName !== null) reply.header('content-disposition', toDisposition(fileName))
  // The head is out by then, so the caller can only see the connection break.
  if (typeof body !== 'string') body.once('error', (err) => logger.error({ err }, 'download broke off'))
  return reply.send(body)
}

/** RFC 6266: a plain name for old clients, the true one in UTF-8 for the others. */
export function toDisposition(fileName: string): string {
  const plain = fileName.replace(/[^A-Za-z0-9._ -]/g, '_')
  const exact = encodeURIComponent(fileName).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`
}
