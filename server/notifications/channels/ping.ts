import type { HttpRequest, ToRequest } from './form.ts'

/** Tells a watchman that a run began, went well or failed; of everything else it hears nothing. */
export const toPing: ToRequest<'ping'> = ({ message, settings, secrets }) => {
  const state = stateOf(message.lines[0]?.kind)
  const text = [message.title, ...message.detail].join('\n').slice(0, 8_000)
  if (settings.flavour === 'uptime-kuma') {
    if (state === 'start' || state === null) return null
    const url = new URL(secrets.url)
    url.searchParams.set('status', state === 'fail' ? 'down' : 'up')
    url.searchParams.set('msg', message.title.slice(0, 200))
    return { method: 'GET', url: url.href, headers: {}, body: null }
  }
  const paths = { start: '/start', success: '', fail: '/fail', log: '/log' }
  return state === null ? null : posted(secrets.url, paths[state], text)
}

function stateOf(kind: string | undefined): 'start' | 'success' | 'fail' | 'log' | null {
  switch (kind) {
    case 'run.started':
      return 'start'
    case 'run.succeeded':
      return 'success'
    case 'run.failed':
      return 'fail'
    // A test of the channel: written down there, and nothing else.
    case 'report.morning':
      return 'log'
    default:
      return null
  }
}

function posted(address: string, path: string, body: string): HttpRequest {
  const url = new URL(address)
  url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`
  return { method: 'POST', url: url.href, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
}
