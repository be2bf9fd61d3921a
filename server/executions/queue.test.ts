import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ExecutionId } from '../../contract/ids.ts'
import { executionFloor, type ExecutionFloor } from '../../testbed/execution-floor.ts'
import { anna } from '../../testbed/node-floor.ts'
import { fail } from '../lib/errors.ts'
import { createQueue } from './queue.ts'

let floor: ExecutionFloor

beforeEach(async () => {
  floor = await executionFloor()
  for (const name of ['a', 'b', 'c']) await floor.addNode(name)
})
afterEach(() => floor.close())

const limit = (settings: { maxExecutions?: number; maxExecutionsPerNode?: number }) =>
  floor.settings.change(settings, anna)

const begunIds = () => floor.begun.map(({ execution }) => execution.id)

const waitUntil = (id: ExecutionId, notBefore: string) =>
  floor.db.write((tx) => floor.executionStore.note(tx, id, { notBefore }))

async function queueAll(...names: string[]) {
  const ids: ExecutionId[] = []
  for (const name of names) ids.push(await floor.queueOne(name))
  return ids
}

describe('who is next', () => {
  test('is the one that waits longest', async () => {
    await limit({ maxExecutions: 1 })
    const ids = await queueAll('b', 'a', 'c')
    floor.queue.start()
    await floor.settled()
    expect(floor.begunOn()).toEqual(['b'])
    await floor.begun[0]?.end('failed')
    await floor.begun[1]?.end('failed')
    expect(begunIds()).toEqual(ids)
  })

  test('waits while its node is busy, and does not keep others from theirs', async () => {
    floor.queue.start()
    await queueAll('a', 'a', 'b')
    expect(floor.begunOn()).toEqual(['a', 'b'])
    await floor.begun[0]?.end('failed')
    expect(floor.begunOn()).toEqual(['a', 'b', 'a'])
  })

  test('may share a node when the settings say so, at once', async () => {
    floor.events.on('settings.changed', 'test', () => floor.queue.wake())
    floor.queue.start()
    await queueAll('a', 'a', 'a')
    expect(floor.begunOn()).toEqual(['a'])
    await limit({ maxExecutionsPerNode: 2 })
    await floor.settled()
    expect(floor.begunOn()).toEqual(['a', 'a'])
  })

  test('waits for a free place of the server', async () => {
    await limit({ maxExecutions: 2 })
    floor.queue.start()
    await queueAll('a', 'b', 'c')
    expect(floor.begunOn()).toEqual(['a', 'b'])
    await floor.begun[1]?.end('failed')
    expect(floor.begunOn()).toEqual(['a', 'b', 'c'])
  })

  test('is begun once, however often the queue is woken', async () => {
    await queueAll('a', 'b', 'c')
    floor.queue.start()
    for (let turn = 0; turn < 20; turn++) floor.queue.wake()
    await floor.settled()
    expect(begunIds()).toHaveLength(3)
    expect(new Set(begunIds()).size).toBe(3)
  })
})

describe('an execution that waits for a time', () => {
  const inTenMinutes = '2026-03-01T12:10:00.000Z'

  test('is begun then, and not before', async () => {
    const [id] = await queueAll('a')
    await waitUntil(id as ExecutionId, inTenMinutes)
    floor.queue.start()
    await floor.settled()
    await floor.clock.advance(599_000)
    await floor.settled()
    expect(floor.begunOn()).toEqual([])
    await floor.clock.advance(1_000)
    await floor.settled()
    expect(floor.begunOn()).toEqual(['a'])
  })

  test('is begun then, though one whose time has come waits for its node', async () => {
    floor.queue.start()
    const [, second] = (await queueAll('a', 'a')) as [ExecutionId, ExecutionId]
    await waitUntil(second, '2026-03-01T11:00:00.000Z')
    await limit({ maxExecutions: 1 })
    const [later] = (await queueAll('b')) as [ExecutionId]
    await waitUntil(later, inTenMinutes)
    await limit({ maxExecutions: 30 })
    floor.queue.wake()
    await floor.settled()
    await floor.clock.advance(600_000)
    await floor.settled()
    expect(floor.begunOn()).toEqual(['a', 'b'])
  })

  test('is begun then, though the wall clock was set forward in between', async () => {
    const [id] = await queueAll('a')
    await waitUntil(id as ExecutionId, '2026-03-02T12:00:00.000Z')
    floor.queue.start()
    await floor.settled()
    floor.clock.jump(24 * 3_600_000)
    await floor.clock.advance(3_600_000)
    await floor.settled()
    expect(floor.begunOn()).toEqual(['a'])
  })
})

describe('a claim', () => {
  test('is on disk before anything is begun, with its number', async () => {
    floor.queue.start()
    const [id] = (await queueAll('a')) as [ExecutionId]
    expect(await floor.executionStore.find(id)).toMatchObject({
      state: 'connecting',
      fence: 1,
      startedAt: '2026-03-01T12:00:00.001Z',
    })
    expect(await floor.executionStore.journal(id)).toMatchObject([
      { seq: 1, step: 'claimed', detail: { fence: 1 } },
    ])
  })

  test('survives a restart, so that the next start knows what was under way', async () => {
    floor.queue.start()
    const [first] = (await queueAll('a', 'a')) as [ExecutionId]
    expect((await floor.executionStore.unfinished()).map(({ id }) => id)).toEqual([first])
  })

  test('that went wrong beyond all that is foreseen does not hold up the others', async () => {
    const { db, occupancy, clock, logger, executionStore: store, settings } = floor
    const tried: string[] = []
    const queue = createQueue({
      db,
      store,
      occupancy,
      clock,
      logger,
      limits: settings.get,
      perform: ({ nodeName }) => {
        tried.push(nodeName)
        return Promise.reject(new Error('a bug'))
      },
    })
    await queueAll('a', 'b', 'a')
    queue.start()
    await floor.settled()
    await queue.stop()
    expect(tried).toEqual(['a', 'b', 'a'])
  })

  test('that cannot be written is tried again', async () => {
    const { db, occupancy, clock, logger, executionStore: store, settings } = floor
    let isFull = true
    const write: typeof db.write = (work) => {
      if (!isFull) return db.write(work)
      return Promise.reject(fail('storage.full'))
    }
    const begun: string[] = []
    const queue = createQueue({
      db: { ...db, write },
      store,
      occupancy,
      clock,
      logger,
      limits: settings.get,
      perform: async ({ nodeName }) => void begun.push(nodeName),
    })
    await queueAll('a')
    queue.start()
    await floor.settled()
    isFull = false
    await clock.advance(30_000)
    await floor.settled()
    await queue.stop()
    expect(begun).toEqual(['a'])
  })
})

describe('when the server stops', () => {
  test('what runs is asked to let go, what waits goes on waiting, and the stop waits for both', async () => {
    floor.queue.start()
    const [first, second] = (await queueAll('a', 'a')) as [ExecutionId, ExecutionId]
    const stopping = floor.queue.stop()
    await floor.settled()
    const [begun] = floor.begun
    expect(begun?.stop).toMatchObject({ reason: 'shutdown', signal: { aborted: true } })
    await begun?.end('queued')
    await stopping
    expect(floor.begun).toHaveLength(1)
    expect((await floor.executionStore.find(first))?.state).toBe('queued')
    expect((await floor.executionStore.find(second))?.state).toBe('queued')
  })

  test('what was handed back is first again at the next start', async () => {
    floor.queue.start()
    const [first] = (await queueAll('a', 'a')) as [ExecutionId]
    const stopping = floor.queue.stop()
    await floor.begun[0]?.end('queued')
    await stopping
    floor.queue.start()
    await floor.settled()
    expect(floor.begun[1]?.execution).toMatchObject({ id: first, fence: 2 })
  })

  test('a run that a person had stopped is still stopped by that person', async () => {
    floor.queue.start()
    const [id] = (await queueAll('a')) as [ExecutionId]
    expect(floor.queue.cancel(id)).toBe(true)
    const stopping = floor.queue.stop()
    await floor.settled()
    expect(floor.begun[0]?.stop).toMatchObject({ reason: 'user', shutdown: { aborted: true } })
    await floor.begun[0]?.end('cancelled')
    await stopping
    expect(floor.queue.isRunning(id)).toBe(false)
    expect(floor.queue.cancel(id)).toBe(false)
  })
})
