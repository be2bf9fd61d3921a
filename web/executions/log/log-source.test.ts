import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LogEntry } from '../../../contract/executions.ts'
import type { Follower, TopicFrame } from '../../lib/live-socket.ts'
import { createLogSource } from './log-source.ts'
import { createLogStore } from './log-store.ts'

const range = (from: number, to: number): LogEntry[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => ({
    seq: from + at,
    at: '2026-03-01T12:00:00.000Z',
    stream: 'out',
    level: 'info',
    text: `line ${from + at}`,
    message: null,
  }))

/** A server with a log that grows as the test says. */
function bench({ lastSeq = 0, complete = false, startAfter = 0, mostBytes = 48_000_000 } = {}) {
  const log = { lastSeq, complete }
  const server = { isUp: true, isLive: true, reads: 0 }
  let follower: Follower | null = null
  let followedAt: number | null = null
  const source = createLogSource({
    store: createLogStore({ mostBytes }),
    startAfter,
    isLive: () => server.isLive,
    read: async (after, limit, signal) => {
      server.reads += 1
      await Promise.resolve()
      signal.throwIfAborted()
      if (!server.isUp) throw new Error('no answer')
      return { items: range(after + 1, Math.min(after + limit, log.lastSeq)), ...log }
    },
    follow: (given) => {
      follower = given
      followedAt = given.after()
      return () => (follower = null)
    },
  })
  return {
    log,
    server,
    source,
    held: () => range(1, source.store.lastSeq()).filter(({ seq }) => source.store.entry(seq)).length,
    says: (frame: object) => follower?.hear({ topic: 'log:x', ...frame } as unknown as TopicFrame),
    isFollowed: () => follower !== null,
    followedAt: () => followedAt,
    after: () => follower?.after(),
  }
}
const settle = () => vi.advanceTimersByTimeAsync(0)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a log that has ended is read as far as somebody looks, and is not followed', async () => {
  const { source, held, isFollowed } = bench({ lastSeq: 10_000, complete: true })
  source.start()
  await settle()
  expect(source.store.lastSeq()).toBe(10_000)
  expect(held()).toBe(500)
  expect(isFollowed()).toBe(false)
  source.want(9_900, 10_000)
  await settle()
  expect(source.store.firstMissing(9_900, 10_000)).toBeNull()
  expect(held()).toBeLessThanOrEqual(1_500)
})

test('live entries go on behind what was read, and none counts twice', async () => {
  const { source, says, followedAt, held, after } = bench({ lastSeq: 300 })
  source.start()
  await settle()
  expect(followedAt()).toBe(300)
  says({ type: 'log', entries: range(250, 350) })
  says({ type: 'log', entries: range(301, 400) })
  expect(after()).toBe(400)
  expect(held()).toBe(400)
  expect(source.store.seenCount()).toBe(400)
})

test('what was left out because we were slow is read when somebody looks there', async () => {
  const { log, source, says, after } = bench({ lastSeq: 100 })
  source.start()
  await settle()
  log.lastSeq = 9_000
  says({ type: 'gap', from: 101, to: 8_500 })
  says({ type: 'log', entries: range(8_501, 9_000) })
  expect(after()).toBe(9_000)
  expect(source.store.firstMissing(1, 9_000)).toBe(101)
  for (let from = 1; from <= 9_000; from += 400) {
    source.want(from, from + 400)
    await settle()
  }
  expect(source.store.firstMissing(1, 9_000)).toBeNull()
  expect(source.store.seenCount()).toBe(9_000)
})

test('without a socket the log is asked for, until it is complete', async () => {
  const { log, server, source, held } = bench({ lastSeq: 10 })
  server.isLive = false
  source.start()
  await settle()
  log.lastSeq = 20
  await vi.advanceTimersByTimeAsync(2_000)
  expect(held()).toBe(20)
  log.complete = true
  log.lastSeq = 21
  await vi.advanceTimersByTimeAsync(2_000)
  expect(source.store.isComplete()).toBe(true)
  expect(held()).toBe(21)
  const { reads } = server
  await vi.advanceTimersByTimeAsync(60_000)
  expect(server.reads).toBe(reads)
})

test('a page that could not be read is told about, and read as soon as that works', async () => {
  const { server, source } = bench({ lastSeq: 5_000, complete: true })
  source.start()
  await settle()
  server.isUp = false
  source.want(4_000, 4_100)
  await settle()
  expect(source.trouble()).not.toBeNull()
  server.isUp = true
  await vi.advanceTimersByTimeAsync(3_000)
  expect(source.trouble()).toBeNull()
  expect(source.store.firstMissing(4_000, 4_100)).toBeNull()
})

test('a log that cannot be opened says why, and opens on another try', async () => {
  const { server, source } = bench({ lastSeq: 5 })
  server.isUp = false
  source.start()
  await settle()
  expect(source.phase()).toMatchObject({ kind: 'failed' })
  server.isUp = true
  source.retry()
  await settle()
  expect(source.phase()).toEqual({ kind: 'ready' })
})

test('somebody who flies over the log makes few reads', async () => {
  const { server, source } = bench({ lastSeq: 500_000, complete: true })
  source.start()
  await settle()
  const before = server.reads
  for (let from = 1; from < 500_000; from += 5_000) source.want(from, from + 60)
  expect(server.reads - before).toBeLessThanOrEqual(2)
  await settle()
  expect(source.store.firstMissing(495_001, 495_061)).toBeNull()
})

test('a range is collected in order and whole, also when it was let go of', async () => {
  const { source } = bench({ lastSeq: 20_000, complete: true, mostBytes: 300_000 })
  source.start()
  await settle()
  const collecting = source.collect(1, 20_000, new AbortController().signal)
  await vi.advanceTimersByTimeAsync(10)
  expect((await collecting).map(({ seq }) => seq)).toEqual(range(1, 20_000).map(({ seq }) => seq))
})

test('stopped, it follows and asks no more; started again, it goes on', async () => {
  const { log, server, source, isFollowed, held } = bench({ lastSeq: 10 })
  source.start()
  source.stop()
  source.start()
  await settle()
  expect(isFollowed()).toBe(true)
  source.stop()
  expect(isFollowed()).toBe(false)
  const { reads } = server
  await vi.advanceTimersByTimeAsync(60_000)
  expect(server.reads).toBe(reads)
  log.lastSeq = 12
  source.start()
  await settle()
  expect(held()).toBe(12)
})

test('a look at the end also learns when the log began', async () => {
  const { source } = bench({ lastSeq: 9_000, startAfter: 8_600 })
  source.start()
  await settle()
  expect(source.store.firstAt()).toBe('2026-03-01T12:00:00.000Z')
  expect(source.store.firstMissing(8_601, 9_000)).toBeNull()
})
