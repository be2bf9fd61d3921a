import type { MailServer, Mail } from '../../outgoing/mail.ts'
import { Secret } from '../../lib/secret.ts'
import { tongueOf } from '../../notices/say.ts'
import { linesOf, type Wanted } from './form.ts'

/** Plain text only: there is nothing in it that a mail program could run, load or hide. */
export function toMail({ message, link, settings, secrets }: Wanted<'email'>): {
  server: MailServer
  mail: Mail
} {
  const { id, title, page } = message
  const url = link(page)
  const { host, port, security, username, from, to } = settings
  const text = [
    title,
    '',
    ...linesOf(message),
    ...(url === null ? [] : ['', `${tongueOf(message.language).dashboard}: ${url}`]),
    '',
  ]
  return {
    server: {
      host,
      port,
      security,
      login: username === '' ? null : { username, password: new Secret(secrets.password ?? '') },
    },
    mail: { id, from, to, subject: `[Carl] ${title}`.slice(0, 200), text: text.join('\n') },
  }
}
