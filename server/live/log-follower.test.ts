import { expect, test } from 'vitest'
import type { LogEntry } from '../../contract/executions.ts'
import type { ExecutionId } from '../../contract/ids.ts'
import { type ServerFrame, serverFrame } from '../../contract/live.ts'
import { createFakeClock } from '../../testbed/fake-clock.ts'
import { createLogFeed } from './log-feed.ts'
import { followLog } from './log-follower.ts'
import type { Subscription } from './subscription.ts'

const executionId = `exe_${'0'.repeat(26)}` as ExecutionId

/** A log whose reads end when the test says so, with what was in it when they began. */
function slowLog() {
  const clock = createFakeClock()
  const reads: (() => void)[] = []
  const log = { last: 0, complete: false, isSlow: true }
  const feed = createLogFeed(executionId, async (_id, after, limit) => {
    const found = {
      items: range(after + 1, log.last).slice(0, limit),
      lastSeq: log.last,
      complete: log.complete,
    }
    if (log.isSlow) await new Promise<void>((resolve) => reads.push(resolve))
    return found
  })
  const follow = (after: number) => followLog(after, { feed, clock, wake: () => {} })
  function write(last: number): void {
    log.last = last
    feed.tell(last)
  }
  function finishReads(): void {
    log.isSlow = false
    for (const finish of reads.splice(0)) finish()
  }
  return { clock, log, feed, follow, write, finishReads }
}

const range = (from: number, to: number): LogEntry[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => ({
    seq: from + at,
    at: '2026-03-01T12:00:00.000Z',
    stream: 'out',
    level: 'info',
    text: 'line',
    message: null,
  }))

/** All frames there are now. */
async function drain(subscription: Subscription, first?: Promise<Buffer | null>): Promise<ServerFrame[]> {
  const frames: ServerFrame[] = []
  for (let frame = await (first ?? subscription.next()); frame; frame = await subscription.next()) {
    frames.push(serverFrame.parse(JSON.parse(frame.toString('utf8'))))
  }
  return frames
}
const seqsOf = (frames: ServerFrame[]) =>
  frames.flatMap((frame) => (frame.type === 'log' ? frame.entries.map(({ seq }) => seq) : []))

test('what is written while a read is under way is not missed', async () => {
  const { follow, write, finishReads } = slowLog()
  write(2)
  const follower = follow(0)
  const first = Promise.resolve(follower.next())
  write(3)
  finishReads()
  expect(seqsOf(await drain(follower, first))).toEqual([1, 2, 3])
})

test('the end of a log that comes while a read is under way is not missed', async () => {
  const { follow, write, log, feed, finishReads } = slowLog()
  write(2)
  const follower = follow(0)
  const first = Promise.resolve(follower.next())
  log.complete = true
  feed.tell(0)
  finishReads()
  expect((await drain(follower, first)).at(-1)).toMatchObject({ type: 'complete', lastSeq: 2 })
  expect(follower.isDone()).toBe(true)
})

test('a follower that asks after something was written does not get an older read of another', async () => {
  const { follow, write, finishReads } = slowLog()
  write(2)
  const early = follow(0)
  const late = follow(0)
  const first = Promise.resolve(early.next())
  write(3)
  const second = Promise.resolve(late.next())
  finishReads()
  const [frame] = await drain(late, second)
  expect(seqsOf(frame ? [frame] : [])).toEqual([1, 2, 3])
  await drain(early, first)
})

test('an entry that is announced too early is waited for, not asked for again and again', async () => {
  const { follow, write, feed, log, finishReads } = slowLog()
  finishReads()
  write(2)
  const follower = follow(0)
  await drain(follower)
  feed.tell(3)
  expect(await drain(follower)).toEqual([])
  log.last = 3
  feed.tell(3)
  expect(seqsOf(await drain(follower))).toEqual([3])
})

test('history is sent whole, however long it takes; only live a follower can be too slow', async () => {
  const { follow, write, clock, finishReads } = slowLog()
  finishReads()
  write(20_000)
  const follower = follow(0)
  const first = await follower.next()
  await clock.advance(60_000)
  const history = await drain(follower, Promise.resolve(first))
  expect(seqsOf(history)).toHaveLength(20_000)
  expect(history.some(({ type }) => type === 'gap')).toBe(false)

  write(30_000)
  await clock.advance(1_001)
  const live = await drain(follower)
  expect(live[0]).toEqual({ type: 'gap', topic: `log:${executionId}`, from: 20_001, to: 29_500 })
  expect(seqsOf(live)).toEqual(range(29_501, 30_000).map(({ seq }) => seq))
})

test('a burst that is read in time leaves no gap', async () => {
  const { follow, write, clock, finishReads } = slowLog()
  finishReads()
  const follower = follow(0)
  await drain(follower)
  write(30_000)
  await clock.advance(900)
  expect(seqsOf(await drain(follower))).toHaveLength(30_000)
})
