import { closeSync, fdatasync, mkdirSync, openSync, writeSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { storageCodeOf } from '../db/dialects.ts'
import type { Clock } from '../lib/clock.ts'
import { fail, toMessage } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { stride } from './log-chunks.ts'
import { type Chunk, chunkFile, endFile, syncFolder, writeEnd } from './log-files.ts'
import { type LogDraft, toLine } from './log-lines.ts'
import { type Current, nothingYet, type Recovered, recover } from './log-recovery.ts'

export interface LogLimits {
  /** A chunk is closed once it is this large. */
  readonly chunkBytes: number
  /** Most that one log takes; then only this server's own entries are added. */
  readonly logBytes: number
}

/** Entries wait at most this long, or until there are so many, before they are written. */
const writeAfterMs = 50
const writeAfterLines = 100
const writeAfterBytes = 262_144
/** While the disk takes nothing: how often it is tried, and how much waits before lines are left out. */
const retryAfterMs = 1_000
const mostWaitingBytes = 4 * 1_048_576

const sync = promisify(fdatasync)

/** What a reader needs to know of a log that is being written, all from one moment. */
export interface LogView {
  /** Everything but the last chunk. */
  readonly closed: readonly Chunk[]
  /** The chunk that grows: how much of it is written, and where its lines are. */
  readonly current: {
    readonly chunk: Chunk
    readonly size: number
    readonly count: number
    readonly marks: readonly number[]
  } | null
  /** Entries that are not written yet, the first `count` of `lines`. */
  readonly waiting: { readonly first: number; readonly count: number; readonly lines: readonly Buffer[] }
  readonly lastSeq: number
}

interface WriterTools {
  readonly folder: string
  readonly limits: LogLimits
  readonly clock: Clock
  readonly logger: Logger
  readonly onAppended: () => void
  readonly onClosed: (lastSeq: number, finished: boolean) => void
}

/**
 * Opens a log for writing. After a crash it continues behind the last whole entry on disk. Writing itself is
 * synchronous, into the memory of the system: that takes microseconds, and keeps a fast node from filling ours.
 */
export async function openWriter(tools: WriterTools) {
  const { folder, limits, clock, logger, onAppended, onClosed } = tools
  // Microseconds for a folder; waiting for it would cost a run over an open connection half a millisecond.
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = made === undefined ? await reopen(folder) : nothingYet()
  const { closed } = found
  let { current, seq, lastFrame, totalBytes } = found
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let leftOut = 0
  let isFull = totalBytes >= limits.logBytes
  /** Why the last attempt to write failed; null when it did not. */
  let stuckBy: unknown = null
  let isOpen = true
  let isFolderSynced = false
  /** Whether the current chunk may have grown since it was last made durable. */
  let isDirty = true
  let callOffWrite: (() => void) | null = null
  const syncing = new Set<Promise<void>>()

  /** Numbers entries and adds them; readers see them at once. On disk for sure after the next `flush`. */
  function append(...drafts: LogDraft[]): void {
    if (!isOpen) throw new Error('the log is closed')
    for (const draft of drafts) {
      if (isTooMuch(draft)) leftOut++
      else add(draft)
      const isBatch = waiting.length >= writeAfterLines || waitingBytes >= writeAfterBytes
      if (isBatch && stuckBy === null) writeOut()
    }
    if (waiting.length > 0) callOffWrite ??= clock.after(writeAfterMs, writeOut)
    onAppended()
  }

  function isTooMuch({ stream }: LogDraft): boolean {
    if (stream === 'server') return false
    if (!isFull && totalBytes + waitingBytes >= limits.logBytes) {
      isFull = true
      add(gap(`The log has reached its limit of ${limits.logBytes} bytes; what follows is left out.`))
    }
    return isFull || waitingBytes >= mostWaitingBytes
  }

  function add(draft: LogDraft): void {
    seq++
    const line = toLine(seq, draft)
    waiting.push(line)
    waitingBytes += line.length
    if (draft.q !== null) lastFrame = Math.max(lastFrame, draft.q)
  }

  const gap = (text: string): LogDraft => ({
    at: clock.now().toISOString(),
    stream: 'gap',
    level: 'warn',
    text,
    message: null,
    q: null,
  })

  /** Writes what waits. On failure it goes on waiting, and is tried again. */
  function writeOut(): void {
    callOffWrite?.()
    callOffWrite = null
    if (waiting.length === 0) return
    try {
      const target = roomy()
      const bytes = Buffer.concat(waiting, waitingBytes)
      // Always at the same place: what half a failed attempt left there is overwritten.
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(target.handle, bytes, done, bytes.length - done, target.size + done)
      }
      note(target, waiting)
      isDirty = true
      totalBytes += bytes.length
      waiting = []
      waitingBytes = 0
      if (stuckBy !== null) logger.info('execution log is written again')
      stuckBy = null
    } catch (error) {
      if (stuckBy === null) logger.error({ err: error }, 'execution log cannot be written')
      stuckBy = error
      callOffWrite = clock.after(retryAfterMs, writeOut)
    }
  }

  /** The chunk to write to: a new one when there is none, or the last is large enough. */
  function roomy(): Current {
    if (current && current.size < limits.chunkBytes) return current
    const number = (current?.chunk ?? closed.at(-1))?.number ?? 0
    const first = seq - waiting.length + 1
    const file = chunkFile(folder, number + 1, first)
    const handle = openSync(file, 'wx', 0o600)
    if (current) retire(current)
    isFolderSynced = false
    current = {
      chunk: { file, number: number + 1, first, packed: false },
      handle,
      size: 0,
      count: 0,
      marks: [],
    }
    return current
  }

  function retire({ chunk, handle }: Current): void {
    closed.push(chunk)
    const done = syncAndClose(handle)
    syncing.add(done)
    void forget(done)
  }

  async function forget(done: Promise<void>): Promise<void> {
    try {
      await done
      syncing.delete(done)
    } catch (error) {
      // It stays among the others, so that whoever flushes hears of it too.
      logger.error({ err: error }, 'execution log is not durable')
    }
  }

  /** Resolves once everything appended so far would survive a power cut. Throws `storage.full` and the like. */
  async function flush(): Promise<void> {
    writeOut()
    try {
      if (stuckBy !== null) throw stuckBy
      await Promise.all([...syncing, syncCurrent(), syncFolders()])
    } catch (error) {
      const code = storageCodeOf(error)
      const detail = `The execution log cannot be written: ${toMessage(error)}.`
      throw code ? fail(code, { detail, cause: error }) : error
    }
  }

  async function syncCurrent(): Promise<void> {
    if (!current || !isDirty) return
    // Before, not after: what is written meanwhile makes it dirty again.
    isDirty = false
    try {
      await sync(current.handle)
    } catch (error) {
      isDirty = true
      throw error
    }
  }

  async function syncFolders(): Promise<void> {
    if (isFolderSynced) return
    // Before, for the same reason: a chunk begun meanwhile is in the folder, but not for sure.
    isFolderSynced = true
    try {
      await Promise.all([folder, dirname(folder)].map(syncFolder))
    } catch (error) {
      isFolderSynced = false
      throw error
    }
  }

  /** Ends the log for good: it is complete and durable, and is packed from now on. */
  async function finish(): Promise<void> {
    if (!isOpen) throw new Error('the log is closed')
    if (leftOut > 0) add(gap(`${leftOut} entries were left out.`))
    await flush()
    await writeEnd(folder, { lastSeq: seq, endedAt: clock.now().toISOString() })
    await syncFolder(folder)
    await shut(true)
  }

  /** Lets go of the log; it may be opened and continued later. Does nothing when it is closed already. */
  async function close(): Promise<void> {
    if (!isOpen) return
    await flush().catch((error: unknown) => logger.error({ err: error }, 'execution log may be incomplete'))
    await shut(false)
  }

  async function shut(finished: boolean): Promise<void> {
    isOpen = false
    callOffWrite?.()
    await Promise.allSettled(syncing)
    if (current) closeSync(current.handle)
    onClosed(seq, finished)
  }

  function view(): LogView {
    return {
      closed: [...closed],
      current: current && {
        chunk: current.chunk,
        size: current.size,
        count: current.count,
        marks: current.marks,
      },
      waiting: { first: seq - waiting.length + 1, count: waiting.length, lines: waiting },
      lastSeq: seq,
    }
  }

  return {
    append,
    flush,
    finish,
    close,
    view,
    /** The number of the last entry. */
    get seq(): number {
      return seq
    },
    /** The greatest `q` among the entries, those from before a restart included; 0 when there is none. */
    get lastFrame(): number {
      return lastFrame
    },
  }
}
export type OpenLogWriter = Awaited<ReturnType<typeof openWriter>>

/** A log that is there already goes on: what it said of its end no longer holds. */
async function reopen(folder: string): Promise<Recovered> {
  await rm(endFile(folder), { force: true })
  return recover(folder)
}

async function syncAndClose(handle: number): Promise<void> {
  try {
    await sync(handle)
  } finally {
    closeSync(handle)
  }
}

/** Remembers where the lines just written lie. */
function note(target: Current, lines: readonly Buffer[]): void {
  for (const line of lines) {
    if (target.count % stride === 0) target.marks.push(target.size)
    target.count++
    target.size += line.length
  }
}
