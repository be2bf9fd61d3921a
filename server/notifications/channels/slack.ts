import { fit, linesOf, openText, postJson, type ToRequest } from './form.ts'

/** Text that a node may have said is `plain_text`, in which Slack knows no links, no mentions and no markup. */
export const toSlack: ToRequest<'slack'> = ({ message, link, secrets }) => {
  const { title, page } = message
  const url = link(page)
  const text = fit(linesOf(message), 2_900).join('\n')
  return postJson(secrets.url, {
    // What the telephone shows.
    text: escape(title),
    link_names: 0,
    parse: 'none',
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: plain(title.slice(0, 150)) },
      ...(text === '' ? [] : [{ type: 'section', text: plain(text) }]),
      ...(url === null
        ? []
        : [
            {
              type: 'section',
              text: { type: 'mrkdwn', text: `<${escape(url)}|${escape(openText(message))}>` },
            },
          ]),
    ],
  })
}

const plain = (text: string) => ({ type: 'plain_text', text, emoji: false })

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
