import type { Severity } from '../../../contract/agent-protocol.ts'
import { fit, isGoodNews, linesOf, postJson, type ToRequest } from './form.ts'

/** To a gateway that hands it on to any of a hundred services; which ones is set up there. */
export const toApprise: ToRequest<'apprise'> = ({ message, link, settings, secrets }) => {
  const { title, severity, page } = message
  const url = link(page)
  const lines = fit(linesOf(message), 8_000).map(withoutMarkup)
  return postJson(`${settings.server}/notify/${encodeURIComponent(secrets.configKey)}`, {
    title: withoutMarkup(title),
    body: [...lines, ...(url === null ? [] : [url])].join('\n') || withoutMarkup(title),
    type: isGoodNews(message) ? 'success' : types[severity],
    format: 'text',
    ...(settings.tag !== '' && { tag: settings.tag }),
  })
}

const types: Readonly<Record<Severity, string>> = {
  critical: 'failure',
  high: 'failure',
  warning: 'warning',
  info: 'info',
}

/** Nobody knows where it ends up, so the signs that mean something in most places become others that look alike. */
const withoutMarkup = (text: string): string =>
  text
    .replaceAll('@', '＠')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replaceAll('`', 'ˋ')
    .replaceAll('](', '] (')
