import { fit, linesOf, openText, postJson, type ToRequest } from './form.ts'

/** In `<code>` Telegram makes neither links nor mentions of what it finds. */
export const toTelegram: ToRequest<'telegram'> = ({ message, link, settings, secrets }) => {
  const { title, page } = message
  const url = link(page)
  const lines = linesOf(message)
    .filter((line) => line !== '')
    .map((line) => `<code>${escape(line)}</code>`)
  const text = fit([`<b><code>${escape(title)}</code></b>`, ...lines], 3_500, (line) =>
    Buffer.byteLength(line),
  )
  return postJson(`${settings.server}/bot${secrets.token}/sendMessage`, {
    chat_id: settings.chatId,
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
    text: [
      ...text,
      ...(url === null ? [] : [`<a href="${escape(url)}">${escape(openText(message))}</a>`]),
    ].join('\n'),
  })
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
