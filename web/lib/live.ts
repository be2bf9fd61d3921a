import { api, codeOf } from './api.ts'
import { basePath } from './base.ts'
import { isOffline, setConnection } from './connection.ts'
import { createLiveSocket } from './live-socket.ts'

/** A ticket that is not here within this long does not come, milliseconds. */
const ticketMs = 10_000

export type { Follower, TopicFrame } from './live-socket.ts'

function open(ticket: string): WebSocket {
  const url = new URL(`${basePath}/api/v1/live`, location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.searchParams.set('ticket', ticket)
  return new WebSocket(url)
}

function onWake(wake: () => void): () => void {
  const whenVisible = () => {
    if (document.visibilityState === 'visible') wake()
  }
  for (const change of ['online', 'offline'] as const) addEventListener(change, wake)
  document.addEventListener('visibilitychange', whenVisible)
  return () => {
    for (const change of ['online', 'offline'] as const) removeEventListener(change, wake)
    document.removeEventListener('visibilitychange', whenVisible)
  }
}

/** The socket of this page. */
export const live = createLiveSocket({
  // A line that is dead without saying so would keep us waiting for minutes.
  ticket: async () => (await api.system.ticket({}, { signal: AbortSignal.timeout(ticketMs) })).ticket,
  open,
  isSignedOut: (error) => codeOf(error) === 'auth.required',
  tell: setConnection,
  isAway: isOffline,
  onWake,
})
