import { once } from 'node:events'
import { type ClientOptions, WebSocket } from 'ws'
import { type ClientFrame, type ServerFrame, serverFrame } from '../contract/live.ts'

/** How it is opened beside its headers, e.g. by which name a certificate is asked for. */
type LiveOptions = ClientOptions & { readonly servername?: string }

/** A client of the live socket that keeps what it hears and can be waited on. */
export async function openLive(url: string, headers: Record<string, string> = {}, options: LiveOptions = {}) {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { ...options, headers })
  const frames: ServerFrame[] = []
  const watchers = new Set<() => void>()
  let isClosed = false
  const closed = once(socket, 'close').then(([code]) => {
    isClosed = true
    for (const watch of watchers) watch()
    return code as number
  })
  socket.on('message', (text: Buffer) => {
    frames.push(serverFrame.parse(JSON.parse(text.toString('utf8'))))
    for (const watch of watchers) watch()
  })
  await once(socket, 'open')

  /** Resolves with the first frame, heard already or yet to come, that is as wanted. */
  function hears<Type extends ServerFrame['type']>(
    type: Type,
    isWanted: (frame: Extract<ServerFrame, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<ServerFrame, { type: Type }>> {
    const isIt = (frame: ServerFrame): frame is Extract<ServerFrame, { type: Type }> =>
      frame.type === type && isWanted(frame as Extract<ServerFrame, { type: Type }>)
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = frames.find(isIt)
        if (!found && !isClosed) return
        watchers.delete(look)
        if (found) resolve(found)
        else reject(new Error(`the socket closed before a ${type} came`))
      }
      watchers.add(look)
      look()
    })
  }

  return {
    socket,
    frames,
    hears,
    closed,
    say: (frame: ClientFrame) => socket.send(JSON.stringify(frame)),
    /** Numbers of the log entries heard, in order. */
    seqs: () => frames.flatMap((frame) => (frame.type === 'log' ? frame.entries.map(({ seq }) => seq) : [])),
  }
}
export type LiveClient = Awaited<ReturnType<typeof openLive>>

/** The reply with which a socket is refused before it opens. */
export async function refusedLive(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers })
  socket.on('error', () => {})
  const [, reply] = (await once(socket, 'unexpected-response')) as [
    unknown,
    import('node:http').IncomingMessage,
  ]
  const body = (await reply.toArray()).join('')
  socket.terminate()
  return { status: reply.statusCode ?? 0, body, headers: reply.headers }
}
