import { createHmac } from 'node:crypto'
import { postJson, type ToRequest } from './form.ts'

/**
 * JSON, signed as Standard Webhooks has it: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. The id stays
 * the same when a message is sent again.
 */
export const toWebhook: ToRequest<'webhook'> = ({ message, link, secrets, now }) => {
  const { id, at, title, severity, lines, detail, page } = message
  const request = postJson(secrets.url, {
    id,
    at,
    title,
    severity,
    link: link(page),
    notices: lines.map((line) => ({ ...line, link: link(line.page) })),
    detail,
  })
  const timestamp = String(Math.floor(now.getTime() / 1_000))
  const signature = sign(secrets.secret, `${id}.${timestamp}.${request.body}`)
  return {
    ...request,
    headers: {
      ...request.headers,
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature,
    },
  }
}

export function sign(secret: string, content: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret)
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`
}
