import type { Clock } from '../lib/clock.ts'

/** What the other side says is left of a rate limit, and until when. */
export interface RateRoom {
  readonly requests: Left | null
  readonly inputTokens: Left | null
}
interface Left {
  readonly remaining: number
  readonly resetsAt: Date
}

/** A reset further away is a mistake of a clock, theirs or ours. */
const longestMs = 10 * 60_000

/** Reads what replies of Anthropic's API say about rate limits; null where they say nothing that makes sense. */
export function readRoom(headers: Headers): RateRoom {
  const left = (what: string): Left | null => {
    const remaining = Number(headers.get(`anthropic-ratelimit-${what}-remaining`) ?? Number.NaN)
    const resetsAt = new Date(headers.get(`anthropic-ratelimit-${what}-reset`) ?? Number.NaN)
    return Number.isFinite(remaining) && !Number.isNaN(resetsAt.getTime()) ? { remaining, resetsAt } : null
  }
  return { requests: left('requests'), inputTokens: left('input-tokens') }
}

/** Buckets by model, filled by what replies say and emptied by what is asked, so that limits are not found out by a 429. */
export function createRoom({ clock }: { readonly clock: Clock }) {
  const rooms = new Map<string, { requests: Left | null; inputTokens: Left | null }>()

  function note(model: string, room: RateRoom): void {
    rooms.set(model, { ...room })
  }

  /** Takes room for one call, or says how long there is none, milliseconds. */
  function take(model: string, inputTokens: number): number {
    const room = rooms.get(model)
    if (!room) return 0
    const waits = [waitFor(room.requests, 1), waitFor(room.inputTokens, inputTokens)]
    const waitMs = Math.max(...waits)
    if (waitMs > 0) return waitMs
    room.requests = less(room.requests, 1)
    room.inputTokens = less(room.inputTokens, inputTokens)
    return 0
  }

  function waitFor(left: Left | null, wanted: number): number {
    // What is wanted may be more than ever fits; the bound is far above what is sent. Then the other side decides.
    if (!left || left.remaining >= wanted || left.remaining > fullEnough) return 0
    const ms = left.resetsAt.getTime() - clock.now().getTime()
    return ms > longestMs ? 0 : Math.max(0, ms)
  }

  return { note, take }
}

/** Tokens that any call of ours fits into. */
const fullEnough = 60_000

const less = (left: Left | null, by: number): Left | null =>
  left && { ...left, remaining: left.remaining - by }
