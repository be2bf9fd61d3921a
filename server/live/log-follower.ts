import type { Clock } from '../lib/clock.ts'
import { toBytes } from './frame.ts'
import type { LogFeed, Page } from './log-feed.ts'
import type { Subscription } from './subscription.ts'

/** More entries than this behind, for longer than that many milliseconds, and a client is too slow for the log. */
const mostBehind = 5_000
const patienceMs = 1_000
/** Entries before the newest that a client goes on with after a gap. */
const tailEntries = 500

interface FollowerTools {
  readonly feed: LogFeed
  readonly clock: Clock
  readonly wake: () => void
}

/**
 * One client following a log: first what it has missed since entry `after`, in its own time; then `ready`, and from
 * there on live. Live, a client that stays far behind gets a `gap` and goes on near the end; it can fetch the gap.
 */
export function followLog(after: number, { feed, clock, wake }: FollowerTools): Subscription {
  const { topic } = feed
  const notice = () => {
    measure()
    wake()
  }
  let sent = after
  /** Last entry when it joined; what came before is history, which is not left out. */
  let history: number | null = null
  let isReady = false
  let isDone = false
  let last: Page | null = null
  let readAt = -1
  let behindSinceMs: number | null = null
  feed.wakes.add(notice)

  /** Also while the client takes nothing, or its wait would not count. */
  function measure(): void {
    if (feed.lastSeq() - sent <= mostBehind) behindSinceMs = null
    else behindSinceMs ??= clock.monotonicMs()
  }

  async function next(): Promise<Buffer | null> {
    measure()
    if (isReady && behindSinceMs !== null && clock.monotonicMs() - behindSinceMs > patienceMs) return skip()
    if (readAt !== feed.news() || (last !== null && sent < last.lastSeq)) {
      const frame = await read()
      if (frame) return frame
    }
    if (!isReady && history !== null && sent >= history) {
      isReady = true
      return toBytes({ type: 'ready', topic, at: sent })
    }
    if (!isDone && last?.complete && sent >= last.lastSeq) {
      isDone = true
      return toBytes({ type: 'complete', topic, lastSeq: last.lastSeq })
    }
    return null
  }

  async function read(): Promise<Buffer | null> {
    // Noted before reading: what is told meanwhile makes us read again.
    const news = feed.news()
    last = await feed.read(sent)
    if (history === null) {
      history = last.lastSeq
      // Who claims entries that do not exist yet must not miss them when they come.
      sent = Math.min(sent, history)
    }
    if (last.frame) sent = last.to
    readAt = news
    // An entry that was announced but is not there yet: only news can bring it, asking again would spin.
    if (last.frame === null) last = { ...last, lastSeq: Math.min(last.lastSeq, sent) }
    return last.frame
  }

  function skip(): Buffer {
    const from = sent + 1
    sent = feed.lastSeq() - tailEntries
    behindSinceMs = null
    readAt = -1
    return toBytes({ type: 'gap', topic, from, to: sent })
  }

  return { next, isDone: () => isDone, close: () => void feed.wakes.delete(notice) }
}
