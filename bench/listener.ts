import { once } from 'node:events'
import { WebSocket } from 'ws'
import { isFinal, type ExecutionState } from '../contract/executions.ts'
import type { ExecutionId } from '../contract/ids.ts'
import type { ClientFrame, ServerFrame, Topic } from '../contract/live.ts'
import type { Product } from './product.ts'

/** A client of the live socket: hears how executions end, and log entries at the moment they arrive. */
export async function openListener({ url, headers }: Pick<Product, 'url' | 'headers'>) {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/api/v1/live`, { headers })
  const ended = new Map<string, ExecutionState>()
  const waiting = new Map<string, (state: ExecutionState) => void>()
  const watchers = new Set<(frame: ServerFrame) => void>()
  socket.on('message', (text: Buffer) => {
    const frame = JSON.parse(text.toString('utf8')) as ServerFrame
    for (const watch of watchers) watch(frame)
    if (frame.type !== 'hint' || frame.hint.kind !== 'execution') return
    const { executionId, state } = frame.hint as { executionId: string; state: ExecutionState }
    if (!isFinal(state)) return
    ended.set(executionId, state)
    waiting.get(executionId)?.(state)
  })
  await once(socket, 'open')
  const say = (frame: ClientFrame) => socket.send(JSON.stringify(frame))
  const isReady = new Promise<void>((resolve) => watchers.add(({ type }) => type === 'ready' && resolve()))
  say({ type: 'subscribe', topic: 'executions', after: 0 })
  await isReady

  /** Resolves with the state in which it ended, heard already or yet to come. */
  function ending(id: ExecutionId): Promise<ExecutionState> {
    const known = ended.get(id)
    return known ? Promise.resolve(known) : new Promise((resolve) => waiting.set(id, resolve))
  }

  /** Hears every frame until the returned function is called. */
  function listen(topic: Topic, hear: (frame: ServerFrame) => void): () => void {
    const watch = (frame: ServerFrame) => 'topic' in frame && frame.topic === topic && hear(frame)
    watchers.add(watch)
    say({ type: 'subscribe', topic, after: 0 })
    return () => {
      watchers.delete(watch)
      say({ type: 'unsubscribe', topic })
    }
  }

  return { ending, listen, close: () => socket.terminate() }
}
export type Listener = Awaited<ReturnType<typeof openListener>>
