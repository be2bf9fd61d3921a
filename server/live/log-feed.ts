import type { LogEntry } from '../../contract/executions.ts'
import type { ExecutionId } from '../../contract/ids.ts'
import type { Topic } from '../../contract/live.ts'

/** Reads entries numbered above `after`, up to about so many bytes. `complete` says that none will follow `lastSeq`. */
export type ReadLog = (
  executionId: ExecutionId,
  after: number,
  limit: number,
  mostBytes: number,
) => Promise<{ items: LogEntry[]; lastSeq: number; complete: boolean }>

/** A stretch of the log as one frame; `frame` is null when nothing lies above the number asked from. */
export interface Page {
  readonly frame: Buffer | null
  /** Number of the last entry in the frame. */
  readonly to: number
  readonly lastSeq: number
  readonly complete: boolean
}

/** Most of one frame, bytes. A single entry that is larger travels alone. */
const frameBytes = 64 * 1024
const mostEntries = 500

/**
 * The log of one execution for all who follow it live. Clients at the same place share one read and one frame.
 */
export function createLogFeed(executionId: ExecutionId, readLog: ReadLog) {
  const topic: Topic = `log:${executionId}`
  const wakes = new Set<() => void>()
  const pages = new Map<number, Promise<Page>>()
  let lastSeq = 0
  let news = 0
  /** Entries to ask for: fewer once they turned out to be long, so that little is read in vain. */
  let limit = mostEntries

  /** Something happened to the log: entries up to `seq` are there, or it ended. */
  function tell(seq: number): void {
    lastSeq = Math.max(lastSeq, seq)
    news += 1
    // What was read before may be missing the newest.
    pages.clear()
    for (const wake of wakes) wake()
  }

  function read(after: number): Promise<Page> {
    const shared = pages.get(after)
    if (shared) return shared
    const page = readPage(after)
    pages.set(after, page)
    // Kept for this turn of the event loop, in which all who wait for the same entries ask for them.
    const forget = () => void setImmediate(() => pages.get(after) === page && pages.delete(after))
    page.then(forget, forget)
    return page
  }

  async function readPage(after: number): Promise<Page> {
    const found = await readLog(executionId, after, limit, frameBytes)
    lastSeq = Math.max(lastSeq, found.lastSeq)
    const { lastSeq: end, complete } = found
    if (found.items.length === 0) return { frame: null, to: after, lastSeq: end, complete }
    const texts = takeWhileFits(found.items)
    limit = texts.length < found.items.length ? texts.length : Math.min(mostEntries, limit * 2)
    const frame = Buffer.from(`{"type":"log","topic":"${topic}","entries":[${texts.join(',')}]}`)
    return { frame, to: found.items[texts.length - 1]?.seq ?? after, lastSeq: end, complete }
  }

  return {
    topic,
    tell,
    read,
    wakes,
    /** The last entry that is known of. */
    lastSeq: () => lastSeq,
    /** Grows with everything told; while it stands still, reading again finds nothing new. */
    news: () => news,
  }
}
export type LogFeed = ReturnType<typeof createLogFeed>

function takeWhileFits(items: readonly LogEntry[]): string[] {
  const texts: string[] = []
  let bytes = 0
  for (const item of items) {
    const text = JSON.stringify(item)
    bytes += Buffer.byteLength(text) + 1
    if (bytes > frameBytes && texts.length > 0) break
    texts.push(text)
  }
  return texts
}
