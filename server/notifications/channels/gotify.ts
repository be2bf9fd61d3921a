import type { Severity } from '../../../contract/agent-protocol.ts'
import { fit, isGoodNews, linesOf, postJson, type ToRequest } from './form.ts'

export const toGotify: ToRequest<'gotify'> = ({ message, link, settings, secrets }) => {
  const { title, severity, page } = message
  const url = link(page)
  return postJson(
    `${settings.server}/message`,
    {
      title,
      message: fit(linesOf(message), 8_000).join('\n') || title,
      priority: isGoodNews(message) ? 2 : priorities[severity],
      extras: {
        'client::display': { contentType: 'text/plain' },
        ...(url !== null && { 'client::notification': { click: { url } } }),
      },
    },
    { 'x-gotify-key': secrets.token },
  )
}

const priorities: Readonly<Record<Severity, number>> = { critical: 9, high: 7, warning: 5, info: 2 }
