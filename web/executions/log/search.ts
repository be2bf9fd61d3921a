import type { LogEntry } from '../../../contract/executions.ts'
import { readAnsi } from './ansi.ts'
import type { LogStore } from './log-store.ts'

const examined = 1
const hit = 2

/** Characters looked through before others get a turn; an entry counts as a hundred at least. */
const sliceLength = 200_000

/**
 * Where a query occurs in one log. What comes is looked through as it comes; what is here already, a slice at a time.
 * Results are kept by number, so they stay when the texts are let go of.
 */
export function createSearch(store: LogStore) {
  let query = ''
  let sought = ''
  let results = new Uint8Array(4_096)
  let count = 0
  let examinedCount = 0
  /** Everything before this was examined. */
  let from = 1
  let version = 0

  function ask(wanted: string): void {
    if (wanted === query) return
    query = wanted
    sought = wanted.toLowerCase()
    results = new Uint8Array(results.length)
    count = 0
    examinedCount = 0
    from = 1
    version += 1
  }

  function examine({ seq, text }: LogEntry): void {
    if (seq >= results.length) {
      const larger = new Uint8Array(Math.max(results.length * 2, seq + 1))
      larger.set(results)
      results = larger
    }
    if (results[seq]) return
    const isHit = readAnsi(text).plain.toLowerCase().includes(sought)
    results[seq] = isHit ? examined | hit : examined
    examinedCount += 1
    if (isHit) count += 1
    version += 1
  }

  /** Looks through whatever comes from now on. Returns how to stop. */
  function listen(): () => void {
    return store.watch((entries) => {
      if (query !== '') for (const entry of entries) examine(entry)
    })
  }

  /** Looks through some of what is here. Says the first number whose text has to be fetched; null when all is done. */
  function advance(): { readonly needs: number | null; readonly isDone: boolean } {
    if (query === '') return { needs: null, isDone: true }
    let looked = 0
    for (; from <= store.lastSeq(); from++) {
      if (results[from]) continue
      const entry = store.entry(from)
      if (!entry) return { needs: from, isDone: false }
      if (looked >= sliceLength) return { needs: null, isDone: false }
      looked += 100 + entry.text.length
      examine(entry)
    }
    return { needs: null, isDone: true }
  }

  /** The next hit in a direction, round the end and on from the other one; null when there is none. */
  function next(after: number, direction: 1 | -1): number | null {
    if (count === 0) return null
    const last = store.lastSeq()
    for (let step = 1; step <= last; step++) {
      const seq = ((((after - 1 + direction * step) % last) + last) % last) + 1
      if (isHit(seq)) return seq
    }
    return isHit(after) ? after : null
  }

  const isHit = (seq: number): boolean => ((results[seq] ?? 0) & hit) !== 0

  return {
    ask,
    advance,
    next,
    isHit,
    listen,
    query: () => query,
    count: () => count,
    examinedCount: () => examinedCount,
    /** Which of the hits an entry is, from 1 on; 0 when it is none. */
    rankOf: (seq: number): number => {
      if (!isHit(seq)) return 0
      let rank = 0
      for (let at = 1; at <= seq; at++) if (isHit(at)) rank += 1
      return rank
    },
    version: () => version,
  }
}
export type Search = ReturnType<typeof createSearch>
