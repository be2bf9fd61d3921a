import type { Clock } from '../lib/clock.ts'
import type { Ask, Asked, AskWanted } from './ask.ts'

/** Calls that are gathered at the most. */
const most = 10

interface Waiting {
  readonly wanted: AskWanted
  readonly give: ((asked: Promise<Asked>) => void)[]
}

interface WindowTools {
  readonly ask: Ask['ask']
  readonly clock: Clock
  /** How long calls are gathered, milliseconds. */
  readonly waitMs: () => number
}

/**
 * Gathers what is asked within a minute or so. The same question is asked once. The first goes alone and the others after its
 * answer, because only then they can read the prefix that it wrote to the cache of the provider.
 */
export function createWindow({ ask, clock, waitMs }: WindowTools) {
  let waiting = new Map<string, Waiting>()
  let callOff: () => void = () => {}

  /** Two with one key get one answer; whoever came first is who asks. */
  function gather(key: string, wanted: AskWanted): Promise<Asked> {
    return new Promise<Asked>((resolve) => {
      const same = waiting.get(key)
      if (same) return same.give.push(resolve)
      if (waiting.size === 0) callOff = clock.after(waitMs(), () => void flush())
      waiting.set(key, { wanted, give: [resolve] })
      if (waiting.size >= most) void flush()
      return undefined
    })
  }

  /** Sends what has gathered. */
  async function flush(): Promise<void> {
    callOff()
    const [first, ...rest] = waiting.values()
    waiting = new Map()
    if (!first) return
    // A prefix that is written for one alone costs more than it saves.
    const cachesPrefix = rest.length > 0
    await send(first, cachesPrefix)
    await Promise.all(rest.map((one) => send(one, cachesPrefix)))
  }

  async function send({ wanted, give }: Waiting, cachesPrefix: boolean): Promise<void> {
    const asked = ask({ ...wanted, cachesPrefix })
    for (const one of give) one(asked)
    // Whoever asked hears of it; here it only matters that it is over.
    await asked.catch(() => {})
  }

  return { ask: gather, flush }
}
