import type { ChannelSettings } from '../../contract/notifications.ts'

type Secrets = Readonly<Record<string, unknown>>

/** The host a channel hands its secrets to, with its port; null for web push, which has none of its own. */
export function placeOf(settings: ChannelSettings, secrets: Secrets): string | null {
  switch (settings.kind) {
    case 'web-push':
      return null
    case 'email':
    case 'mqtt':
      return `${settings.host}:${settings.port}`
    case 'telegram':
    case 'ntfy':
    case 'gotify':
    case 'pushover':
    case 'apprise':
      return hostOf(settings.server)
    case 'webhook':
    case 'discord':
    case 'slack':
    case 'ping':
      return typeof secrets['url'] === 'string' ? hostOf(secrets['url']) : null
  }
}

const hostOf = (address: string): string | null => URL.parse(address)?.host ?? null

/**
 * What must not change under a stored secret: who could send it elsewhere, or without encryption, would have it. An
 * address that is a secret itself comes anew with every change of it.
 */
export function boundTo(settings: ChannelSettings): string {
  const { kind } = settings
  if (kind === 'email' || kind === 'mqtt') {
    return [kind, settings.host, settings.port, settings.security, settings.username].join(' ')
  }
  return 'server' in settings ? `${kind} ${URL.parse(settings.server)?.origin ?? ''}` : kind
}
