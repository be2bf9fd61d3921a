import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { LogEntry } from '../../contract/executions.ts'
import type { ExecutionId } from '../../contract/ids.ts'
import type { Clock } from '../lib/clock.ts'
import type { EventBus } from '../lib/events.ts'
import type { Logger } from '../lib/logger.ts'
import { chunkAt, createChunkReader, indexLines, type Lines, linesFrom, stride } from './log-chunks.ts'
import { type Chunk, folderOf, isMissing, listChunks, readEnd } from './log-files.ts'
import { parseLine, toText } from './log-lines.ts'
import { createPacking } from './log-packing.ts'
import { chooseForRemoval, findLogs, removeLog, type RetentionLimits } from './log-retention.ts'
import { type LogLimits, type LogView, openWriter, type OpenLogWriter } from './log-writer.ts'

export type { LogDraft } from './log-lines.ts'
export type LogWriter = Omit<OpenLogWriter, 'view'>

/** A range of a log. */
export interface LogRange {
  /** In order, without holes. Fewer than asked for when the texts are long: go on after the last one. */
  readonly items: LogEntry[]
  /** Number of the last entry there is. */
  readonly lastSeq: number
  /** Whether the log has ended: nothing will follow `lastSeq`. */
  readonly complete: boolean
}

const mebibyte = 1_048_576
const ownLimits: LogLimits = { chunkBytes: 4 * mebibyte, logBytes: 1_024 * mebibyte }

/** One reply holds no more than this, however many entries were asked for. */
const longestRangeBytes = 8 * mebibyte
/**
 * Entries read at a time when a whole log is gone through, and most bytes of them: little enough that all of it is
 * gone before the garbage collector takes it for something that stays.
 */
const streamStride = 1_000
const streamBytes = 131_072
/** How often a read starts over because a chunk was packed under its hands. */
const attempts = 5

interface LogTools {
  /** Everything lies below this folder. */
  readonly folder: string
  readonly clock: Clock
  readonly logger: Logger
  /** Hears `execution.logged` for what was appended in one turn of the event loop. */
  readonly events?: EventBus
  /** Other limits than the product's own; for tests. */
  readonly limits?: Partial<LogLimits>
}

/** A log that nobody writes. */
interface StoredView {
  readonly folder: string
  readonly view: LogView
  readonly complete: boolean
}

/** The logs of all executions: appended by one writer each, read by anybody at any time. */
export function createLogs({ folder: root, clock, logger, events, limits }: LogTools) {
  const writers = new Map<ExecutionId, OpenLogWriter | 'opening'>()
  const chunks = createChunkReader()
  const packing = createPacking(logger)
  /** The log that has ended and was read last: whoever goes through it does not look it up for every page. */
  let latest: StoredView | null = null

  /** Opens a log to append to it, behind what is there already. It has one writer at a time. */
  async function writer(id: ExecutionId): Promise<LogWriter> {
    if (writers.has(id)) throw new Error(`the log of ${id} is being written already`)
    const folder = folderOf(root, id)
    writers.set(id, 'opening')
    try {
      await packing.settled(folder)
      forget(folder)
      const opened = await openWriter({
        folder,
        limits: { ...ownLimits, ...limits },
        clock,
        logger: logger.child({ executionId: id }),
        onAppended: hinter(id),
        onClosed: (lastSeq, finished) => {
          writers.delete(id)
          forget(folder)
          if (!finished) return
          void packing.pack(folder)
          // Nothing new but that it is complete, for which a follower waits.
          events?.emit('execution.logged', { executionId: id, lastSeq })
        },
      })
      writers.set(id, opened)
      return opened
    } catch (error) {
      writers.delete(id)
      throw error
    }
  }

  /** Tells once for everything appended in one turn of the event loop. */
  function hinter(id: ExecutionId): () => void {
    let isDue = false
    return () => {
      if (isDue || !events) return
      isDue = true
      setImmediate(() => {
        isDue = false
        const now = writers.get(id)
        if (now && now !== 'opening') events.emit('execution.logged', { executionId: id, lastSeq: now.seq })
      })
    }
  }

  /** Reads entries with a number above `after`, up to about so many bytes. An unknown log is an empty one. */
  async function read(
    id: ExecutionId,
    after: number,
    limit: number,
    mostBytes = longestRangeBytes,
  ): Promise<LogRange> {
    const folder = folderOf(root, id)
    for (let attempt = 1; ; attempt++) {
      try {
        const now = writers.get(id)
        const isLive = now !== undefined && now !== 'opening'
        const { view, complete } = isLive ? { view: now.view(), complete: false } : await viewOf(id)
        return { items: await collect(view, { after, limit, mostBytes }), lastSeq: view.lastSeq, complete }
      } catch (error) {
        forget(folder)
        if (!isMissing(error) || attempt === attempts) throw error
      }
    }
  }

  /** A log that nobody writes, as it lies on disk. */
  async function viewOf(id: ExecutionId): Promise<StoredView> {
    const folder = folderOf(root, id)
    if (latest?.folder === folder) return latest
    const end = await readEnd(folder)
    const closed = await listChunks(folder)
    const last = closed.at(-1)
    const lastSeq =
      end?.lastSeq ?? (last ? last.first + (await chunks.use(last, ({ count }) => count)) - 1 : 0)
    const waiting = { first: lastSeq + 1, count: 0, lines: [] }
    const found = { folder, view: { closed, current: null, waiting, lastSeq }, complete: end !== null }
    if (end && !writers.has(id)) latest = found
    return found
  }

  function forget(folder: string): void {
    chunks.forget(folder)
    if (latest?.folder === folder) latest = null
  }

  async function collect(
    { closed, current, waiting }: LogView,
    { after, limit, mostBytes }: { after: number; limit: number; mostBytes: number },
  ): Promise<LogEntry[]> {
    const items: LogEntry[] = []
    const from = after + 1
    let bytes = 0
    /** Takes lines until it is enough; false once it is. What a crash has torn ends it too. */
    function take(lines: Iterable<string>): boolean {
      for (const line of lines) {
        const parsed = parseLine(line)
        if (!parsed) return false
        items.push(parsed.entry)
        bytes += line.length
        if (items.length >= limit || bytes >= mostBytes) return false
      }
      return true
    }

    if (from < (current?.chunk.first ?? waiting.first)) {
      for (const chunk of closed.slice(chunkAt(closed, from))) {
        if (!(await chunks.use(chunk, (lines) => take(linesFrom(lines, from))))) return items
      }
    }
    if (current && from < waiting.first && !take(linesFrom(await part(current, from, limit), from)))
      return items
    take(textsOf(waiting, from))
    return items
  }

  /** The whole log as lines of text, up to what is there when the end is reached. */
  function stream(id: ExecutionId): Readable {
    return Readable.from(textOf(id), { objectMode: false })
  }

  async function* textOf(id: ExecutionId): AsyncGenerator<string> {
    for await (const entries of pages(id)) yield entries.map(toText).join('')
  }

  /** Goes through the whole log, some entries at a time. */
  async function* pages(id: ExecutionId): AsyncGenerator<LogEntry[]> {
    for (let after = 0; ; ) {
      const { items } = await read(id, after, streamStride, streamBytes)
      const last = items.at(-1)
      if (!last) return
      yield items
      after = last.seq
    }
  }

  /** Removes a log. One that is being written is closed first. */
  async function remove(id: ExecutionId): Promise<void> {
    const folder = folderOf(root, id)
    const now = writers.get(id)
    if (now && now !== 'opening') await now.close()
    await packing.settled(folder)
    await removeLog(folder)
    forget(folder)
  }

  /** Removes what is too old or too much, and packs what a crash left unpacked. Logs being written stay. */
  async function sweepRetention(wanted: RetentionLimits): Promise<{ removed: number; removedBytes: number }> {
    const idle = (await findLogs(root)).filter(({ id }) => !writers.has(id))
    const chosen = chooseForRemoval(idle, wanted)
    for (const { id } of chosen) if (!writers.has(id)) await remove(id)
    const gone = new Set(chosen)
    for (const log of idle) if (log.hasEnded && !gone.has(log)) await packing.pack(log.folder)
    return { removed: chosen.length, removedBytes: chosen.reduce((sum, { bytes }) => sum + bytes, 0) }
  }

  /** Closes all writers and ends the packing after the chunk at hand. */
  async function close(): Promise<void> {
    packing.stop()
    for (const now of writers.values()) if (now !== 'opening') await now.close()
    await packing.settled()
  }

  return {
    writer,
    read,
    stream,
    pages,
    remove,
    sweepRetention,
    /** Whether somebody is adding to it, or about to. */
    isWritten: (id: ExecutionId) => writers.has(id),
    settled: () => packing.settled(),
    close,
  }
}
export type Logs = ReturnType<typeof createLogs>

function* textsOf({ first, count, lines }: LogView['waiting'], from: number): Generator<string> {
  for (let index = Math.max(0, from - first); index < count; index++) {
    const line = lines[index]
    if (line) yield line.toString('utf8', 0, line.length - 1)
  }
}

/** The piece of a growing chunk that holds the wanted lines: never all of it for a few. */
async function part(
  { chunk, size, count, marks }: NonNullable<LogView['current']>,
  from: number,
  limit: number,
): Promise<Lines> {
  const line = Math.max(0, from - chunk.first)
  const mark = Math.floor(line / stride)
  const endMark = Math.ceil((line + limit) / stride)
  const start = marks[mark] ?? size
  const end = endMark * stride < count ? (marks[endMark] ?? size) : size
  const bytes = Buffer.alloc(Math.max(0, end - start))
  await readFully(chunk, bytes, start)
  return indexLines(chunk.first + mark * stride, bytes)
}

async function readFully({ file }: Chunk, bytes: Buffer, start: number): Promise<void> {
  const handle = await open(file, 'r')
  try {
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done)
      if (bytesRead === 0) throw new Error(`${file} is shorter than what was written to it`)
      done += bytesRead
    }
  } finally {
    await handle.close()
  }
}
