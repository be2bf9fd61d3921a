import type { Severity } from '../../../contract/agent-protocol.ts'
import { fit, isGoodNews, linesOf, openText, type ToRequest } from './form.ts'

export const toPushover: ToRequest<'pushover'> = ({ message, link, settings, secrets }) => {
  const { title, severity, page } = message
  const url = link(page)
  const body = new URLSearchParams({
    token: secrets.token,
    user: secrets.user,
    title: title.slice(0, 250),
    message: fit(linesOf(message), 1_000).join('\n') || title.slice(0, 1_000),
    priority: isGoodNews(message) ? '-1' : priorities[severity],
    ...(url !== null && url.length <= 512 && { url, url_title: openText(message) }),
  })
  return {
    method: 'POST',
    url: `${settings.server}/1/messages.json`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: body.toString(),
  }
}

/** Never 2, which rings until somebody says that they heard. */
const priorities: Readonly<Record<Severity, string>> = { critical: '1', high: '1', warning: '0', info: '-1' }
