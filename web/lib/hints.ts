import type { QueryClient } from '@tanstack/react-query'
import type { Topic } from '../../contract/live.ts'
import { type Follower, live } from './live.ts'

/** Queries that a hint of a topic makes old, by the first words of their keys. */
const concerns: Record<'executions' | 'nodes' | 'findings', readonly (readonly string[])[]> = {
  executions: [['executions']],
  nodes: [['nodes']],
  findings: [['findings'], ['nodes'], ['metrics']],
}

/** Many hints at once ask only once, milliseconds. */
const gatherMs = 150

/** Fetches again what a hint of the server says has changed. Returns how to stop. */
export function followHints(queries: QueryClient): () => void {
  const stops = (Object.keys(concerns) as (keyof typeof concerns)[]).map((topic) => {
    let last = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const refresh = () => {
      timer = undefined
      for (const queryKey of concerns[topic]) void queries.invalidateQueries({ queryKey: [...queryKey] })
    }
    const soon = () => {
      timer ??= setTimeout(refresh, gatherMs)
    }
    const follower: Follower = {
      after: () => last,
      hear: (frame) => {
        if (frame.type === 'hint') last = frame.n
        else if (frame.type === 'gap') last = frame.to
        else if (frame.type === 'ready') last = Math.max(last, frame.at)
        soon()
      },
    }
    const stop = live.follow(topic satisfies Topic, follower)
    return () => {
      clearTimeout(timer)
      stop()
    }
  })
  return () => {
    for (const stop of stops) stop()
  }
}
