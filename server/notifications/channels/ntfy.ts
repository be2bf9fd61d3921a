import type { Severity } from '../../../contract/agent-protocol.ts'
import { fit, isGoodNews, linesOf, postJson, type ToRequest } from './form.ts'

/** As JSON to the root: a header could not hold every letter. No Markdown. */
export const toNtfy: ToRequest<'ntfy'> = ({ message, link, settings, secrets }) => {
  const { title, severity, page } = message
  const url = link(page)
  const lines = fit(linesOf(message), 3_500, (line) => Buffer.byteLength(line))
  return postJson(
    settings.server,
    {
      topic: settings.topic,
      title,
      message: lines.join('\n') || title,
      priority: isGoodNews(message) ? 2 : priorities[severity],
      tags: [isGoodNews(message) ? 'white_check_mark' : tags[severity]],
      ...(url !== null && { click: url }),
    },
    secrets.token === undefined ? {} : { authorization: `Bearer ${secrets.token}` },
  )
}

const priorities: Readonly<Record<Severity, number>> = { critical: 5, high: 4, warning: 3, info: 2 }
const tags: Readonly<Record<Severity, string>> = {
  critical: 'rotating_light',
  high: 'warning',
  warning: 'warning',
  info: 'information_source',
}
