import type { LogEntry } from '../../../contract/executions.ts'

type Level = LogEntry['level']
type Stream = LogEntry['stream']

export const levels = ['debug', 'info', 'warn', 'error'] as const satisfies readonly Level[]
export const streams = ['out', 'err', 'agent', 'server', 'raw', 'gap'] as const satisfies readonly Stream[]

/** Entries that are kept and let go of together. */
const chunkLength = 500
/** What an entry takes beside its text, about, bytes. */
const entryBytes = 160

interface Chunk {
  readonly entries: (LogEntry | undefined)[]
  bytes: number
}

interface LogStoreOptions {
  /** Most that the texts of entries may take; what was not looked at for longest goes first. */
  readonly mostBytes?: number
}

/**
 * The entries of one log, as far as they are here. Numbers have no holes, so an entry that came twice is one, and one
 * that never came is missing and can be asked for. Entries are let go of when they are many; of each one ever seen, a
 * byte is kept that says its level and stream, so that filters need not read the log again.
 */
export function createLogStore({ mostBytes = 48_000_000 }: LogStoreOptions = {}) {
  /** By number; in the order in which they were used. */
  const chunks = new Map<number, Chunk>()
  /** For each number: 0 when never seen, else level and stream. */
  let marks = new Uint8Array(4_096)
  let bytes = 0
  let seen = 0
  let lastSeq = 0
  let isComplete = false
  let firstAt: string | null = null
  let version = 0
  let shown = { from: 0, to: 0 }
  const listeners = new Set<() => void>()
  const watchers = new Set<(entries: readonly LogEntry[]) => void>()

  const chunkOf = (seq: number) => Math.floor((seq - 1) / chunkLength)
  const placeOf = (seq: number) => (seq - 1) % chunkLength

  function changed(): void {
    version += 1
    for (const listener of listeners) listener()
  }

  /** Takes entries in any order, also some it has. */
  function add(entries: readonly LogEntry[]): void {
    if (entries.length === 0) return
    for (const entry of entries) put(entry)
    for (const watch of watchers) watch(entries)
    while (bytes > mostBytes && letGo());
    changed()
  }

  function put(entry: LogEntry): void {
    const { seq } = entry
    const chunk = chunks.get(chunkOf(seq)) ?? { entries: [], bytes: 0 }
    chunks.set(chunkOf(seq), chunk)
    if (chunk.entries[placeOf(seq)]) return
    chunk.entries[placeOf(seq)] = entry
    const size = entry.text.length + entryBytes
    chunk.bytes += size
    bytes += size
    lastSeq = Math.max(lastSeq, seq)
    if (seq === 1) firstAt = entry.at
    mark(entry)
  }

  function mark({ seq, level, stream }: LogEntry): void {
    if (seq >= marks.length) {
      const larger = new Uint8Array(Math.max(marks.length * 2, seq + 1))
      larger.set(marks)
      marks = larger
    }
    if (marks[seq] === 0) seen += 1
    marks[seq] = 1 + levels.indexOf(level) + streams.indexOf(stream) * levels.length
  }

  /** Lets go of the chunk that was not used for longest; false when all that is left is on the screen. */
  function letGo(): boolean {
    for (const [number, chunk] of chunks) {
      if (number >= chunkOf(shown.from) && number <= chunkOf(shown.to)) continue
      if (number === chunkOf(lastSeq)) continue
      chunks.delete(number)
      bytes -= chunk.bytes
      return true
    }
    return false
  }

  /** Numbers up to here exist. */
  function reach(seq: number): void {
    if (seq <= lastSeq) return
    lastSeq = seq
    changed()
  }

  /** Nothing will follow. */
  function end(seq: number): void {
    if (isComplete) return
    isComplete = true
    lastSeq = Math.max(lastSeq, seq)
    changed()
  }

  const entry = (seq: number): LogEntry | undefined => chunks.get(chunkOf(seq))?.entries[placeOf(seq)]

  /** Says what is on the screen: it stays, and what was there last goes last. */
  function show(from: number, to: number): void {
    shown = { from, to }
    for (let number = chunkOf(from); number <= chunkOf(to); number++) {
      const chunk = chunks.get(number)
      if (!chunk) continue
      chunks.delete(number)
      chunks.set(number, chunk)
    }
  }

  /** The first number of a range whose entry is not here; null when all are. */
  function firstMissing(from: number, to: number): number | null {
    for (let seq = Math.max(1, from); seq <= Math.min(to, lastSeq); seq++) if (!entry(seq)) return seq
    return null
  }

  /** The first number from `from` on that was never seen; null when all were. */
  function firstUnseen(from: number): number | null {
    for (let seq = Math.max(1, from); seq <= lastSeq; seq++) if (!marks[seq]) return seq
    return null
  }

  return {
    add,
    reach,
    end,
    entry,
    show,
    firstMissing,
    firstUnseen,
    /** Level and stream of an entry ever seen, as numbers of `levels` and `streams`; null for others. */
    kindOf: (seq: number): { level: number; stream: number } | null => {
      const mark = marks[seq]
      if (!mark) return null
      return { level: (mark - 1) % levels.length, stream: Math.floor((mark - 1) / levels.length) }
    },
    /** The marks themselves, for loops over the whole log: 0, or 1 + level + stream × 4. */
    marks: () => marks,
    lastSeq: () => lastSeq,
    isComplete: () => isComplete,
    /** The instant of the first entry; null while it was never here. */
    firstAt: () => firstAt,
    seenCount: () => seen,
    heldBytes: () => bytes,
    /** Grows with every change. */
    version: () => version,
    /** Calls back after every change. Returns how to stop. */
    subscribe: (listener: () => void): (() => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    /** Hands over all entries that come, before any is let go of. Returns how to stop. */
    watch: (watcher: (entries: readonly LogEntry[]) => void): (() => void) => {
      watchers.add(watcher)
      return () => void watchers.delete(watcher)
    },
  }
}
export type LogStore = ReturnType<typeof createLogStore>
