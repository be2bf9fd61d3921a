import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ServerFrame, Topic } from '../../contract/live.ts'
import { setConnection } from './connection.ts'
import { followHints } from './hints.ts'
import type { Follower } from './live-socket.ts'

/** Queries on the screen, and a socket that says what the test wants. */
function bench(answer: (key: string) => Promise<unknown> = async () => 1) {
  const asked: string[] = []
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 5_000 } } })
  const observers = [
    ['executions', 'list'],
    ['nodes', 'list'],
    ['agents', 'list'],
  ].map((queryKey) => {
    const queryFn = () => {
      asked.push(queryKey.join(' '))
      return answer(queryKey.join(' '))
    }
    return new QueryObserver(queries, { queryKey, queryFn }).subscribe(() => {})
  })
  const followers = new Map<Topic, Follower>()
  const stop = followHints(queries, {
    follow: (topic, follower) => {
      followers.set(topic, follower)
      return () => void followers.delete(topic)
    },
  })
  return {
    asked,
    followers,
    says: (topic: Topic, frame: object) =>
      followers.get(topic)?.hear({ topic, ...frame } as ServerFrame as never),
    stop: () => {
      stop()
      for (const leave of observers) leave()
      queries.clear()
    },
  }
}
const hint = (n: number) => ({ type: 'hint', n, hint: { kind: 'node', nodeId: 'nod_1', removed: false } })

beforeEach(() => {
  vi.useFakeTimers()
  setConnection('live')
})
afterEach(() => void vi.useRealTimers())

test('many hints at once ask once, and only for what they concern', async () => {
  const { asked, says, stop } = bench()
  await vi.advanceTimersByTimeAsync(0)
  asked.length = 0
  for (let n = 1; n <= 30; n++) says('executions', hint(n))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(asked).toEqual(['executions list'])
  stop()
})

test('hints that keep coming do not start a slow fetch over, and what came meanwhile is fetched behind it', async () => {
  const finished: string[] = []
  const { asked, says, stop } = bench(async (key) => {
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    finished.push(key)
    return finished.length
  })
  await vi.advanceTimersByTimeAsync(1_000)
  asked.length = finished.length = 0
  for (let n = 1; n <= 20; n++) {
    says('executions', hint(n))
    await vi.advanceTimersByTimeAsync(100)
  }
  await vi.advanceTimersByTimeAsync(3_000)
  expect(asked.length).toBe(finished.length)
  expect(asked.length).toBeGreaterThanOrEqual(2)
  expect(asked.length).toBeLessThanOrEqual(4)
  stop()
})

test('after a break it goes on from the last number, and a gap counts as heard', () => {
  const { followers, says, stop } = bench()
  says('nodes', hint(7))
  expect(followers.get('nodes')?.after()).toBe(7)
  says('nodes', { type: 'gap', from: 8, to: 20 })
  expect(followers.get('nodes')?.after()).toBe(20)
  says('nodes', { type: 'ready', at: 21 })
  expect(followers.get('nodes')?.after()).toBe(21)
  stop()
})

test('while no hints can come, everything is asked for every few seconds, and no longer when they come again', async () => {
  const { asked, stop } = bench()
  await vi.advanceTimersByTimeAsync(20_000)
  asked.length = 0
  setConnection('offline')
  await vi.advanceTimersByTimeAsync(5_000 + 150)
  expect(new Set(asked)).toEqual(new Set(['executions list', 'nodes list']))
  setConnection('live')
  asked.length = 0
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toEqual([])
  stop()
})

test('stopped, it follows nothing and asks nothing', async () => {
  const { asked, followers, says, stop } = bench()
  await vi.advanceTimersByTimeAsync(0)
  says('nodes', hint(1))
  stop()
  asked.length = 0
  setConnection('offline')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(followers.size).toBe(0)
  expect(asked).toEqual([])
})
