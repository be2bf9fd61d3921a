import type { ChannelChange, ChannelKind, ChannelSettings } from '../../../contract/notifications.ts'

/** One field of the form of a channel. Names are those of the contract. */
export type ChannelField = { readonly name: string; readonly isRequired?: true } & (
  | { readonly type: 'text'; readonly initial?: string }
  | { readonly type: 'list' }
  | { readonly type: 'number'; readonly initial: string }
  | { readonly type: 'choice'; readonly options: readonly string[] }
  | { readonly type: 'flag'; readonly initial: boolean }
  | { readonly type: 'secret' }
)

const text = (name: string, initial = ''): ChannelField => ({ name, type: 'text', initial, isRequired: true })
const maybe = (name: string, initial = ''): ChannelField => ({ name, type: 'text', initial })
const secret = (name: string): ChannelField => ({ name, type: 'secret', isRequired: true })
const maybeSecret = (name: string): ChannelField => ({ name, type: 'secret' })

/** What each kind of channel has to know, in the order it is asked. */
export const channelFields: Readonly<Record<ChannelKind, readonly ChannelField[]>> = {
  ntfy: [text('server', 'https://ntfy.sh'), text('topic'), maybeSecret('token')],
  email: [
    text('host'),
    { name: 'port', type: 'number', initial: '587', isRequired: true },
    { name: 'security', type: 'choice', options: ['starttls', 'tls', 'none'] },
    maybe('username'),
    maybeSecret('password'),
    text('from'),
    { name: 'to', type: 'list', isRequired: true },
  ],
  discord: [secret('url')],
  slack: [secret('url')],
  telegram: [text('chatId'), secret('token'), text('server', 'https://api.telegram.org')],
  gotify: [text('server'), secret('token')],
  pushover: [secret('token'), secret('user'), text('server', 'https://api.pushover.net')],
  apprise: [text('server'), secret('configKey'), maybe('tag')],
  webhook: [secret('url'), secret('secret')],
  'web-push': [],
  mqtt: [
    text('host'),
    { name: 'port', type: 'number', initial: '1883', isRequired: true },
    { name: 'security', type: 'choice', options: ['none', 'tls'] },
    maybe('username'),
    maybeSecret('password'),
    text('topic', 'carl'),
    { name: 'discovery', type: 'flag', initial: true },
    text('discoveryPrefix', 'homeassistant'),
  ],
  ping: [{ name: 'flavour', type: 'choice', options: ['healthchecks', 'uptime-kuma'] }, secret('url')],
}

/** In the order they are offered: what most people have first. */
export const kindsOffered = Object.keys(channelFields) as ChannelKind[]

/** What stands in the fields. */
export type Drafts = Readonly<Record<string, string | boolean>>

/** The fields as they are when the form opens. A secret is never shown again. */
export function toDrafts(kind: ChannelKind, settings: ChannelSettings | null): Drafts {
  const stored = settings as Readonly<Record<string, unknown>> | null
  return Object.fromEntries(
    channelFields[kind].map((field) => [field.name, toDraft(field, stored?.[field.name])]),
  )
}

function toDraft(field: ChannelField, stored: unknown): string | boolean {
  switch (field.type) {
    case 'secret':
      return ''
    case 'flag':
      return typeof stored === 'boolean' ? stored : field.initial
    case 'list':
      return Array.isArray(stored) ? stored.join(', ') : ''
    case 'choice':
      return typeof stored === 'string' ? stored : (field.options[0] ?? '')
    case 'number':
    case 'text':
      return typeof stored === 'string' || typeof stored === 'number' ? `${stored}` : (field.initial ?? '')
  }
}

/** What the fields mean; the server says what is wrong with it. Secrets that were left empty stay as they are. */
export function fromDrafts(
  kind: ChannelKind,
  drafts: Drafts,
): Pick<ChannelChange, 'secrets'> & { settings: ChannelSettings } {
  const settings: Record<string, unknown> = { kind }
  const secrets: Record<string, string> = {}
  for (const field of channelFields[kind]) {
    const draft = drafts[field.name] ?? ''
    if (field.type === 'secret') {
      if (draft !== '') secrets[field.name] = String(draft)
    } else if (field.type === 'flag') settings[field.name] = draft === true
    else if (field.type === 'number') settings[field.name] = Number(draft)
    else if (field.type === 'list') settings[field.name] = listOf(String(draft))
    else settings[field.name] = draft
  }
  return { settings: settings as ChannelSettings, secrets }
}

/** Items that somebody wrote with commas, spaces or lines between. */
export const listOf = (draft: string): string[] => draft.split(/[\s,;]+/).filter(Boolean)

/** A secret to sign with that nobody has to make up. */
export function newSigningSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24))
  return `whsec_${btoa(String.fromCharCode(...bytes))}`
}
