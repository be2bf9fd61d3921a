import type { LogEntry } from '../../../contract/executions.ts'
import type { Follower } from '../../lib/live-socket.ts'
import { createLogStore } from './log-store.ts'

/** A stretch of a log, as GET /executions/:id/log gives it. */
export interface LogRange {
  readonly items: LogEntry[]
  readonly lastSeq: number
  readonly complete: boolean
}

interface LogSourceTools {
  /** Reads entries with a number above `after`. Gives fewer than asked for when the texts are long. */
  readonly read: (after: number, limit: number, signal: AbortSignal) => Promise<LogRange>
  /** Follows the log on the live socket. Returns how to stop. */
  readonly follow: (follower: Follower) => () => void
  /** Whether news come over the socket now. */
  readonly isLive: () => boolean
  /** Where the first look goes: the number before the entries that are wanted first. */
  readonly startAfter: number
  readonly store?: ReturnType<typeof createLogStore>
}

/** Entries asked for at a time: for the screen, and for going through the whole log. */
const pageLength = 500
const scanLength = 5_000
/** Pages on their way at once; someone who scrolls fast changes their mind before more arrive. */
const mostReads = 2
/** How often the log is asked for while nothing comes over the socket, milliseconds. */
const pollMs = 2_000
/** A page that could not be read is tried again after this long, milliseconds. */
const retryMs = 3_000

/** How far a source is: nothing yet, there, or nothing because of an error. */
export type Phase =
  | { readonly kind: 'loading' | 'ready' }
  | { readonly kind: 'failed'; readonly error: unknown }

/**
 * Brings the entries of one log into a store: what the screen wants, by ranges; what is new, over the socket or by
 * asking every two seconds. The number heard last is where it goes on after a break, so no entry is lost, and since the
 * store knows each by its number, none counts twice.
 */
export function createLogSource({
  read,
  follow,
  isLive,
  startAfter,
  store = createLogStore(),
}: LogSourceTools) {
  let phase: Phase = { kind: 'loading' }
  let heard = 0
  let wanted = { from: 0, to: 0 }
  let reads = 0
  let trouble: unknown = null
  let run: AbortController | null = null
  let unfollow: (() => void) | null = null
  let polling: ReturnType<typeof setInterval> | undefined
  let retrying: ReturnType<typeof setTimeout> | undefined
  const listeners = new Set<() => void>()

  let changes = 0

  function changed(): void {
    changes += 1
    for (const listener of listeners) listener()
  }

  function take({ items, lastSeq, complete }: LogRange): void {
    store.add(items)
    store.reach(lastSeq)
    if (complete) {
      store.end(lastSeq)
      rest()
    }
  }

  async function begin(signal: AbortSignal): Promise<void> {
    phase = { kind: 'loading' }
    changed()
    try {
      const range = await read(startAfter, pageLength, signal)
      if (signal.aborted) return
      phase = { kind: 'ready' }
      heard = range.lastSeq
      take(range)
      if (!store.isComplete()) listen(signal)
      // Times count from the first entry, wherever we look first.
      if (startAfter > 0 && range.lastSeq > 0) store.add((await read(0, 1, signal)).items)
    } catch (error) {
      if (signal.aborted) return
      phase = { kind: 'failed', error }
    }
    changed()
  }

  function listen(signal: AbortSignal): void {
    unfollow = follow({ after: () => heard, hear, refused: () => {} })
    polling = setInterval(() => {
      if (!isLive()) void poll(signal)
    }, pollMs)
  }

  const hear: Follower['hear'] = (frame) => {
    if (frame.type === 'log') {
      heard = Math.max(heard, frame.entries.at(-1)?.seq ?? 0)
      store.add(frame.entries)
    } else if (frame.type === 'gap') {
      // Left out because we were slow. They exist, so they have a place, and are read when somebody looks there.
      heard = Math.max(heard, frame.to)
      store.reach(frame.to)
    } else if (frame.type === 'complete') {
      store.end(frame.lastSeq)
      rest()
    }
    pump()
  }

  async function poll(signal: AbortSignal): Promise<void> {
    try {
      const range = await read(heard, pageLength, signal)
      if (signal.aborted) return
      // The screen asks for what lies between by itself.
      heard = Math.max(heard, range.lastSeq)
      take(range)
      settle(null)
    } catch {
      // The connection is known to be broken, and the page says so already.
    }
  }

  /** Nothing will follow: there is no need to listen. */
  function rest(): void {
    unfollow?.()
    unfollow = null
    clearInterval(polling)
  }

  /** Says what is on the screen, with some around it. What is missing there is fetched. */
  function want(from: number, to: number): void {
    wanted = { from, to }
    store.show(from, to)
    if (trouble === null) pump()
  }

  function pump(): void {
    const signal = run?.signal
    if (!signal || phase.kind !== 'ready') return
    for (let from = wanted.from; reads < mostReads && trouble === null; ) {
      const seq = store.firstMissing(from, wanted.to)
      if (seq === null) return
      if (!asked.has(pageOf(seq))) void fetchPage(seq, signal)
      from = (pageOf(seq) + 1) * pageLength + 1
    }
  }

  const asked = new Set<number>()
  const pageOf = (seq: number) => Math.floor((seq - 1) / pageLength)

  async function fetchPage(seq: number, signal: AbortSignal): Promise<void> {
    const page = pageOf(seq)
    asked.add(page)
    reads += 1
    try {
      const range = await read(seq - 1, (page + 1) * pageLength - seq + 1, signal)
      if (signal.aborted) return
      if (range.items[0]?.seq !== seq) throw new Error(`entry ${seq} is not in the log any more`)
      take(range)
      settle(null)
    } catch (error) {
      if (!signal.aborted) settle(error)
    } finally {
      asked.delete(page)
      reads -= 1
      pump()
    }
  }

  /** Remembers whether reading works, and tries again by itself when it does not. */
  function settle(error: unknown): void {
    clearTimeout(retrying)
    if (error !== null) retrying = setTimeout(retry, retryMs)
    if (error === trouble) return
    trouble = error
    changed()
  }

  function retry(): void {
    if (phase.kind === 'failed' && run) void begin(run.signal)
    settle(null)
    pump()
  }

  /** Reads a long stretch for going through the log: entries above `after`, as many as one reply holds. */
  async function readOn(after: number, signal: AbortSignal): Promise<readonly LogEntry[]> {
    const range = await read(after, scanLength, signal)
    signal.throwIfAborted()
    take(range)
    return range.items
  }

  /** The entries of a range, from here or from the server, in order and each once. */
  async function collect(from: number, to: number, signal: AbortSignal): Promise<LogEntry[]> {
    const entries: LogEntry[] = []
    for (let seq = from; seq <= to; ) {
      const entry = store.entry(seq)
      const found = entry ? [entry] : await readOn(seq - 1, signal)
      if (found.length === 0) break
      for (const one of found) if (one.seq <= to) entries.push(one)
      seq = (entries.at(-1)?.seq ?? to) + 1
    }
    return entries
  }

  /** Begins, or goes on after `stop`. */
  function start(): void {
    run = new AbortController()
    trouble = null
    void begin(run.signal)
  }

  function stop(): void {
    run?.abort()
    run = null
    rest()
    clearTimeout(retrying)
  }

  return {
    store,
    start,
    stop,
    want,
    retry,
    readOn,
    collect,
    /** Grows with every change, also of the store. */
    version: () => store.version() + changes,
    phase: () => phase,
    /** Why what is on the screen could not be fetched; null when it could. */
    trouble: () => trouble,
    subscribe: (listener: () => void): (() => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
export type LogSource = ReturnType<typeof createLogSource>
