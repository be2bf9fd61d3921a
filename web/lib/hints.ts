import type { QueryClient } from '@tanstack/react-query'
import { pollMs, useConnection } from './connection.ts'
import type { Live } from './live-socket.ts'

/** Queries that a hint of a topic makes old, by the first words of their keys. */
const concerns = {
  // What became of a time that a schedule ran is what became of its executions.
  executions: [['executions'], ['schedules', 'occurrences']],
  nodes: [['nodes']],
  findings: [['findings'], ['nodes'], ['metrics'], ['repositories']],
  plans: [['plans']],
  costs: [['costs']],
  schedules: [['schedules']],
} as const satisfies Record<string, readonly (readonly string[])[]>
type HintTopic = keyof typeof concerns
const topics = Object.keys(concerns) as HintTopic[]

/** Many hints at once ask only once, milliseconds. */
const gatherMs = 150
/** A fetch that takes longer does not hold up the next, milliseconds. */
const patienceMs = 5_000

/**
 * Fetches again what a hint of the server says has changed; while no hints can come, everything every few seconds.
 * Returns how to stop.
 */
export function followHints(queries: QueryClient, live: Pick<Live, 'follow'>): () => void {
  const refreshers = new Map(topics.map((topic) => [topic, createRefresher(() => refresh(queries, topic))]))
  const stops = topics.map((topic) => follow(live, topic, () => refreshers.get(topic)?.soon()))

  let polling: ReturnType<typeof setInterval> | undefined
  function poll(): void {
    for (const refresher of refreshers.values()) refresher.soon()
  }
  function choose(): void {
    clearInterval(polling)
    if (useConnection.getState().state !== 'live') polling = setInterval(poll, pollMs)
  }
  const stopListening = useConnection.subscribe(choose)
  choose()

  return () => {
    stopListening()
    clearInterval(polling)
    for (const stop of stops) stop()
    for (const refresher of refreshers.values()) refresher.stop()
  }
}

function follow(live: Pick<Live, 'follow'>, topic: HintTopic, soon: () => void): () => void {
  let last = 0
  return live.follow(topic, {
    after: () => last,
    hear: (frame) => {
      if (frame.type === 'hint') last = Math.max(last, frame.n)
      // Also downwards: a server whose data was restored counts anew.
      else if (frame.type === 'gap') last = frame.to
      else if (frame.type === 'ready') last = Math.max(last, frame.at)
      soon()
    },
  })
}

async function refresh(queries: QueryClient, topic: HintTopic): Promise<void> {
  await Promise.all(concerns[topic].map((queryKey) => queries.invalidateQueries({ queryKey })))
}

/**
 * Does the work soon after it was asked for, and never twice at a time: a fetch under way is let finish, or hints that
 * keep coming would start it over for ever, and what came meanwhile is fetched behind it.
 */
function createRefresher(work: () => Promise<void>) {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isWorking = false
  let isDue = false
  let isStopped = false

  function soon(): void {
    if (isStopped) return
    if (isWorking) isDue = true
    else timer ??= setTimeout(() => void run(), gatherMs)
  }

  async function run(): Promise<void> {
    timer = undefined
    isWorking = true
    const { promise: isLong, resolve } = Promise.withResolvers<void>()
    const late = setTimeout(resolve, patienceMs)
    await Promise.race([work(), isLong])
    clearTimeout(late)
    isWorking = false
    if (!isDue) return
    isDue = false
    soon()
  }

  return {
    soon,
    stop: () => {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
