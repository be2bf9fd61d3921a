import type { Hint, Topic } from '../../contract/live.ts'
import { toBytes } from './frame.ts'
import type { Subscription } from './subscription.ts'

/** Hints that can be caught up with after a break. */
const mostKept = 1_000

/**
 * The hints of one topic, numbered for all clients alike. Numbers start at `start`, which must lie above all that an
 * earlier life of the server gave out: then a client of that life sees a gap rather than somebody else's hints.
 */
export function createHints(topic: Topic, start: number) {
  const kept: Buffer[] = []
  let last = start

  function push(hint: Hint): void {
    kept.push(toBytes({ type: 'hint', topic, n: ++last, hint }))
    if (kept.length > mostKept) kept.shift()
  }

  /** Follows on after hint number `after`; from now on when it is 0. */
  function subscribe(after: number): Subscription {
    const oldest = last - kept.length + 1
    const isMissing = after !== 0 && (after < oldest - 1 || after > last)
    const owed = isMissing
      ? [toBytes({ type: 'gap', topic, from: Math.min(after + 1, oldest, last), to: last })]
      : []
    let sent = after === 0 || isMissing ? last : after
    let isReady = false

    function next(): Buffer | null {
      const gap = owed.shift()
      if (gap) return gap
      if (sent < last) return following()
      if (isReady) return null
      isReady = true
      return toBytes({ type: 'ready', topic, at: last })
    }

    function following(): Buffer {
      const first = last - kept.length + 1
      if (sent + 1 < first) {
        const gap = toBytes({ type: 'gap', topic, from: sent + 1, to: first - 1 })
        sent = first - 1
        return gap
      }
      sent += 1
      const frame = kept[sent - first]
      if (!frame) throw new Error(`hint ${sent} of ${topic} is not kept`)
      return frame
    }

    return { next, isDone: () => false, close: () => {} }
  }

  return { push, subscribe }
}
