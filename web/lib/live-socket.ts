import type { ServerFrame, Topic } from '../../contract/live.ts'
import type { ConnectionState } from './connection.ts'

/** Waits before the next attempt, milliseconds; the last one repeats. */
const retryMs = [250, 500, 1_000, 2_000, 5_000, 10_000]
/** So many attempts in vain, and the server counts as out of reach. */
const attemptsBeforeOffline = 3
/** A socket that held this long was a good one: the next attempt after it comes at once, milliseconds. */
const goodAfterMs = 5_000
/** After this long without a word we ask for one, milliseconds: a proxy may have let go of the line in silence. */
const quietMs = 20_000
/** And when none comes within this long, the socket is dead; so is one that does not open, milliseconds. */
const answerMs = 10_000

type FrameOf<Type extends ServerFrame['type']> = Extract<ServerFrame, { type: Type }>
export type TopicFrame =
  | FrameOf<'hint'>
  | FrameOf<'log'>
  | FrameOf<'gap'>
  | FrameOf<'ready'>
  | FrameOf<'complete'>

export interface Follower {
  /** The last number it has, asked for whenever the socket (re)connects. */
  after(): number
  /** Several may follow one topic from different places: numbers it has already may come again. */
  hear(frame: TopicFrame): void
  /** The server refuses the topic; nothing will follow. */
  refused?(code: string): void
}

interface LiveTools {
  /** Fetches a ticket that opens one socket. */
  readonly ticket: () => Promise<string>
  readonly open: (ticket: string) => WebSocket
  /** Whether an error says that nobody is signed in, so that trying again is no use. */
  readonly isSignedOut: (error: unknown) => boolean
  readonly tell: (state: ConnectionState) => void
  /** Whether the server is known to be out of reach before the first attempt. */
  readonly isAway?: () => boolean
  /** Calls back when the network or the page may be back. Returns how to stop. */
  readonly onWake: (wake: () => void) => () => void
}

/**
 * One socket for the whole dashboard. It only makes things sooner: whoever follows a topic says from where, and after a
 * break goes on exactly there.
 */
export function createLiveSocket({ ticket, open, isSignedOut, tell, isAway, onWake }: LiveTools) {
  const followers = new Map<Topic, Set<Follower>>()
  let socket: WebSocket | null = null
  let openedAtMs = 0
  let attempts = 0
  let isWanted = false
  let isAsking = false
  /** A server that gives tickets is there, even where something between lets no socket through. */
  let isAnswering = false
  let nextAttempt: ReturnType<typeof setTimeout> | undefined
  let patience: ReturnType<typeof setTimeout> | undefined
  let stopWaking: (() => void) | undefined

  async function connect(): Promise<void> {
    clearTimeout(nextAttempt)
    if (!isWanted || socket || isAsking) return
    isAsking = true
    try {
      isAnswering = false
      const pass = await ticket()
      isAnswering = true
      if (isWanted) use(open(pass))
    } catch (error) {
      // The page for signing in is on its way; `start` is called again behind it.
      if (isSignedOut(error)) tell('offline')
      else retry()
    } finally {
      isAsking = false
    }
  }

  function use(opened: WebSocket): void {
    socket = opened
    waitFor(answerMs, drop)
    opened.addEventListener('open', () => {
      if (socket !== opened) return
      openedAtMs = Date.now()
      tell('live')
      stayAwake()
      for (const topic of followers.keys()) ask(topic)
    })
    opened.addEventListener('message', ({ data }) => {
      if (socket !== opened) return
      stayAwake()
      hear(JSON.parse(String(data)) as ServerFrame)
    })
    opened.addEventListener('close', () => {
      if (socket === opened) drop()
    })
  }

  /** Lets go of the socket without waiting for its goodbye, which a dead line never brings, and tries anew. */
  function drop(): void {
    const dropped = socket
    socket = null
    clearTimeout(patience)
    if (openedAtMs > 0 && Date.now() - openedAtMs >= goodAfterMs) attempts = 0
    openedAtMs = 0
    dropped?.close()
    retry()
  }

  function retry(): void {
    if (!isWanted) return
    tell(isAnswering || attempts < attemptsBeforeOffline ? 'reconnecting' : 'offline')
    const waitMs = retryMs[Math.min(attempts, retryMs.length - 1)] ?? 10_000
    attempts += 1
    clearTimeout(nextAttempt)
    nextAttempt = setTimeout(() => void connect(), waitMs)
  }

  function waitFor(ms: number, then: () => void): void {
    clearTimeout(patience)
    patience = setTimeout(then, ms)
  }

  const stayAwake = () => waitFor(quietMs, prove)

  /** Asks for a sign of life. */
  function prove(): void {
    if (!isOpen(socket)) return
    socket.send(JSON.stringify({ type: 'ping' }))
    waitFor(answerMs, drop)
  }

  /** A phone that wakes up, or a cable that is back: do not wait for the next attempt, and trust no old socket. */
  function wake(): void {
    if (socket) prove()
    else void connect()
  }

  function ask(topic: Topic): void {
    if (!isOpen(socket)) return
    const all = [...(followers.get(topic) ?? [])]
    // Whoever has least says from where; the others pass over what they know.
    const after = Math.min(...all.map((follower) => follower.after()))
    socket.send(JSON.stringify({ type: 'subscribe', topic, after }))
  }

  function hear(frame: ServerFrame): void {
    if (frame.type === 'pong') return
    // A copy: who hears something may stop following.
    const all = [...(followers.get(frame.topic as Topic) ?? [])]
    if (frame.type === 'refused') for (const follower of all) follower.refused?.(frame.code)
    else for (const follower of all) follower.hear(frame)
  }

  /** Follows a topic until the returned function is called. */
  function follow(topic: Topic, follower: Follower): () => void {
    const all = followers.get(topic) ?? new Set()
    followers.set(topic, all.add(follower))
    ask(topic)
    return () => {
      if (!all.delete(follower) || all.size > 0) return
      followers.delete(topic)
      if (isOpen(socket)) socket.send(JSON.stringify({ type: 'unsubscribe', topic }))
    }
  }

  /** Opens the socket and keeps it open; called when somebody is signed in. */
  function start(): void {
    if (isWanted) return
    isWanted = true
    attempts = isAway?.() ? attemptsBeforeOffline : 0
    stopWaking = onWake(wake)
    void connect()
  }

  function stop(): void {
    isWanted = false
    stopWaking?.()
    clearTimeout(nextAttempt)
    clearTimeout(patience)
    const closed = socket
    socket = null
    openedAtMs = 0
    closed?.close()
    tell('connecting')
  }

  return { follow, start, stop }
}
export type Live = ReturnType<typeof createLiveSocket>

const isOpen = (socket: WebSocket | null): socket is WebSocket => socket !== null && socket.readyState === 1
