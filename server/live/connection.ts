import type { RawData, WebSocket } from 'ws'
import { type ClientFrame, clientFrame, type Topic } from '../../contract/live.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail, isAppError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { toBytes } from './frame.ts'
import type { Subscription } from './subscription.ts'

/** Bytes on their way to one client before it is asked what it wants next. */
const windowBytes = 64 * 1024
/** Bytes that may wait for one client in any case, pongs and refusals included. */
const bufferBytes = 1024 * 1024
const mostTopics = 50
/** What a client may say in ten seconds; a page that subscribes to all it can says far less. */
const mostFrames = 200
const talkMs = 10_000

interface ConnectionTools {
  readonly socket: WebSocket
  readonly actor: Actor
  /** Follows a topic from a number on. Throws a refusal when the actor may not. */
  readonly follow: (topic: Topic, after: number, wake: () => void) => Subscription
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * One client. Frames are taken from its subscriptions in turn, only while there is room on the way to it: the sending
 * of earlier frames, and nothing else, makes room. So a client that does not read costs its window and no more.
 */
export function createConnection({ socket, actor, follow, clock, logger }: ConnectionTools) {
  const topics = new Map<Topic, Subscription>()
  /** Answers to what the client said; they go first. */
  const answers: Buffer[] = []
  let waitingBytes = 0
  let isPumping = false
  let isWoken = false
  let isAlive = true
  let framesHeard = 0
  let hearingSinceMs = clock.monotonicMs()

  const isOpen = () => socket.readyState === socket.OPEN
  const hasRoom = () => waitingBytes < windowBytes && socket.bufferedAmount < bufferBytes

  /** Many things that happen in one turn of the event loop become one look. */
  function wake(): void {
    if (isWoken) return
    isWoken = true
    setImmediate(() => {
      isWoken = false
      void pump()
    })
  }

  async function pump(): Promise<void> {
    if (isPumping) return
    isPumping = true
    try {
      while (isOpen() && hasRoom() && (await sendSome()));
    } finally {
      isPumping = false
    }
  }

  /** Sends answers and one frame of each topic; says whether there was anything. */
  async function sendSome(): Promise<boolean> {
    let count = 0
    for (const answer of answers.splice(0)) {
      sendBytes(answer)
      count += 1
    }
    // A list of its own: the turns change the order of the map while we walk.
    const turns = [...topics]
    for (const [topic, subscription] of turns) {
      if (!isOpen() || !hasRoom()) break
      // Whoever had a turn goes to the end, so that a busy log does not starve the rest.
      if (topics.get(topic) !== subscription) continue
      topics.delete(topic)
      topics.set(topic, subscription)
      const frame = await nextOf(topic, subscription)
      // The client may have left the topic or taken it up afresh while we read.
      if (!frame || topics.get(topic) !== subscription) continue
      sendBytes(frame)
      count += 1
      if (subscription.isDone()) leave(topic)
    }
    return count > 0
  }

  async function nextOf(topic: Topic, subscription: Subscription): Promise<Buffer | null> {
    try {
      return await subscription.next()
    } catch (error) {
      if (topics.get(topic) === subscription) {
        leave(topic)
        refuse(topic, error)
      }
      return null
    }
  }

  function sendBytes(bytes: Buffer): void {
    if (!isOpen()) return
    waitingBytes += bytes.length
    socket.send(bytes, { binary: false }, () => {
      waitingBytes -= bytes.length
      isAlive = true
      wake()
    })
  }

  function answer(bytes: Buffer): void {
    // Somebody who keeps asking and does not read the answers is not worth their memory.
    if (answers.length >= mostFrames) return socket.terminate()
    answers.push(bytes)
    wake()
  }

  function refuse(topic: string, error: unknown): void {
    if (!isAppError(error)) logger.error({ err: error, topic }, 'topic failed')
    const { code, detail } = (isAppError(error) ? error : fail('server.bug')).problem
    answer(toBytes({ type: 'refused', topic, code, detail }))
  }

  function leave(topic: Topic): void {
    topics.get(topic)?.close()
    topics.delete(topic)
  }

  function hear(text: RawData): void {
    isAlive = true
    if (isTooTalkative()) return socket.close(1008, 'too many frames')
    const frame = parseFrame(text)
    if (frame === null)
      return refuse('', fail('request.invalid', { detail: 'This is no frame of contract/live.ts.' }))
    if (frame.type === 'ping') return answer(toBytes({ type: 'pong' }))
    if (frame.type === 'unsubscribe') return leave(frame.topic)
    subscribe(frame)
  }

  function isTooTalkative(): boolean {
    const now = clock.monotonicMs()
    if (now - hearingSinceMs > talkMs) {
      hearingSinceMs = now
      framesHeard = 0
    }
    return ++framesHeard > mostFrames
  }

  function subscribe({ topic, after }: Extract<ClientFrame, { type: 'subscribe' }>): void {
    leave(topic)
    try {
      if (topics.size >= mostTopics) throw tooMany()
      topics.set(topic, follow(topic, after, wake))
      wake()
    } catch (error) {
      refuse(topic, error)
    }
  }

  const tooMany = () =>
    fail('request.rate_limited', { detail: `A socket follows at most ${mostTopics} topics.` })

  function end(): void {
    for (const topic of topics.keys()) leave(topic)
    answers.length = 0
  }

  socket.on('message', hear)
  socket.on('pong', () => {
    isAlive = true
  })
  socket.on('ping', (payload) => {
    isAlive = true
    if (isOpen() && hasRoom()) socket.pong(payload)
  })
  socket.on('error', (err) => logger.debug({ err }, 'socket failed'))
  socket.once('close', end)

  return {
    actor,
    socket,
    wake,
    /** Asks whether the client is still there; lets go of one that gave no sign since it was asked last. */
    beat(): void {
      if (!isAlive) return socket.terminate()
      isAlive = false
      if (isOpen()) socket.ping()
    },
    /** Says goodbye with a code, and does not wait for an answer. */
    close(code: number, reason: string): void {
      end()
      socket.close(code, reason)
      clock.after(1_000, () => socket.terminate())
    },
  }
}
export type Connection = ReturnType<typeof createConnection>

function parseFrame(text: RawData): ClientFrame | null {
  try {
    return clientFrame.parse(JSON.parse(Buffer.isBuffer(text) ? text.toString('utf8') : ''))
  } catch {
    return null
  }
}
