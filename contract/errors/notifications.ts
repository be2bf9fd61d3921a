import type { ErrorCatalogue } from './meaning.ts'

/** Channels and the messages that go there. */
export const notificationErrors = {
  'channel.not_found': {
    status: 404,
    title: 'There is no such channel',
    fix: 'Reload the list of channels.',
  },
  'channel.name_taken': { status: 409, title: 'Another channel has this name', fix: 'Choose another name.' },
  'channel.secret_missing': {
    status: 422,
    title: 'This channel needs something that is kept secret',
    fix: 'Enter the fields that are named. Whoever changes where a channel goes has to enter its secrets again.',
  },
  'channel.fallback_loop': {
    status: 422,
    title: 'These channels would stand in for each other for ever',
    fix: 'Choose another channel to stand in, or none.',
  },
  'channel.refused': {
    status: 502,
    title: 'The other side did not take the message',
    fix: 'Check address, token and rights of the channel, then test it again.',
  },
  'channel.busy': {
    status: 502,
    title: 'The other side is busy or out of order',
    fix: 'Nothing has to be done: it is tried again.',
  },
  'channel.no_browser': {
    status: 409,
    title: 'No browser has asked to be woken',
    fix: 'Open the dashboard where you want the messages, and switch them on under Settings → Notifications.',
  },
  'channel.not_secure': {
    status: 502,
    title: 'The other side offers no encryption',
    fix: 'Switch TLS on there, or choose no encryption for this channel if the network is yours.',
  },
  'delivery.not_found': {
    status: 404,
    title: 'There is no such message',
    fix: 'Reload the list of messages.',
  },
} as const satisfies ErrorCatalogue
