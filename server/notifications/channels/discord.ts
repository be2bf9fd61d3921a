import { colors, fit, linesOf, postJson, type ToRequest } from './form.ts'

export const toDiscord: ToRequest<'discord'> = ({ message, link, secrets }) => {
  const { title, severity, at, page } = message
  const url = link(page)
  return postJson(secrets.url, {
    username: 'Carl',
    // Nobody is called by what a node says.
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: fit([escape(title)], 256).join(''),
        ...(url !== null && { url }),
        description: fit(linesOf(message).map(escape), 4_000).join('\n'),
        color: colors[severity],
        timestamp: at,
      },
    ],
  })
}

/** A backslash before a sign shows that sign, whatever it would do. */
const escape = (text: string): string => text.replace(/[\\*_~`|>#+\-[\](){}<@!]/g, '\\$&')
