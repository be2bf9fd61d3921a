import { type LogStore, levels, streams } from './log-store.ts'

export interface LogFilter {
  /** The least level shown; all when undefined. */
  readonly level?: (typeof levels)[number] | undefined
  /** The only stream shown; all when undefined. */
  readonly stream?: (typeof streams)[number] | undefined
}

/** One line of the list: an entry, or a stretch of entries that nobody has looked at yet. */
export type Row = { readonly kind: 'entry'; readonly seq: number } | Unseen
interface Unseen {
  readonly kind: 'unseen'
  readonly from: number
  readonly to: number
}

/** The lines that a filter leaves. Places count from 0. */
export interface Rows {
  readonly count: number
  at(place: number): Row
  /** The place of an entry, or of the first one behind it. */
  placeOf(seq: number): number
}

export const isFiltering = ({ level, stream }: LogFilter): boolean =>
  level !== undefined || stream !== undefined

/** Lines of the log as it is now. What was left out on its way here is always shown, whatever the filter. */
export function toRows(store: LogStore, filter: LogFilter): Rows {
  const lastSeq = store.lastSeq()
  if (!isFiltering(filter)) {
    return {
      count: lastSeq,
      at: (place) => ({ kind: 'entry', seq: place + 1 }),
      placeOf: (seq) => Math.min(Math.max(seq - 1, 0), Math.max(lastSeq - 1, 0)),
    }
  }
  const marks = store.marks()
  const isShown = shownMarks(filter)
  /** Numbers of entries; of an unseen stretch, its first number below zero. */
  const lines = new Int32Array(lastSeq)
  let count = 0
  for (let seq = 1; seq <= lastSeq; seq++) {
    const mark = marks[seq] ?? 0
    if (mark === 0) {
      const isFirst = seq === 1 || (marks[seq - 1] ?? 0) !== 0
      if (isFirst) lines[count++] = -seq
    } else if (isShown[mark]) lines[count++] = seq
  }
  const firstOf = (place: number) => Math.abs(lines[place] ?? lastSeq + 1)
  return {
    count,
    at: (place) => {
      const line = lines[place] ?? 0
      return line > 0 ? { kind: 'entry', seq: line } : unseenFrom(marks, -line, lastSeq)
    },
    placeOf: (seq) => {
      let low = 0
      let high = count
      while (low < high) {
        const middle = (low + high) >> 1
        if (firstOf(middle) < seq) low = middle + 1
        else high = middle
      }
      return Math.min(low, Math.max(count - 1, 0))
    },
  }
}

function unseenFrom(marks: Uint8Array, from: number, lastSeq: number): Unseen {
  let to = from
  while (to < lastSeq && !marks[to + 1]) to += 1
  return { kind: 'unseen', from, to }
}

/** For each mark of the store, whether it passes. */
function shownMarks({ level, stream }: LogFilter): boolean[] {
  const least = level ? levels.indexOf(level) : 0
  const shown: boolean[] = [false]
  for (const [streamAt, name] of streams.entries()) {
    for (const levelAt of levels.keys()) {
      const passes = levelAt >= least && (stream === undefined || stream === name)
      shown[1 + levelAt + streamAt * levels.length] = passes || name === 'gap'
    }
  }
  return shown
}
