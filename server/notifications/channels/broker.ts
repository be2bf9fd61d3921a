import type { SecretsOf, SettingsOf } from '../../../contract/notifications.ts'
import { Secret } from '../../lib/secret.ts'
import type { Broker, Publication } from '../../outgoing/broker.ts'
import type { Wanted } from './form.ts'

/** One event for each thing. Topics are made of settings and ids alone, never of what a node says. */
export const toEvents = ({ message, link, settings }: Wanted<'mqtt'>): Publication[] =>
  message.lines.map(({ kind, severity, text, page }) => ({
    topic: `${settings.topic}/event`,
    payload: JSON.stringify({ id: message.id, at: message.at, kind, severity, text, link: link(page) }),
    retain: false,
  }))

export const toBroker = (
  { host, port, security, username }: SettingsOf<'mqtt'>,
  { password }: SecretsOf<'mqtt'>,
  clientId: string,
): Broker => ({
  host,
  port,
  isEncrypted: security === 'tls',
  clientId,
  login:
    username === '' ? null : { username, password: password === undefined ? null : new Secret(password) },
})
