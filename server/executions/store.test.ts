import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NodeId } from '../../contract/ids.ts'
import { executionFloor, type ExecutionFloor, looksAround } from '../../testbed/execution-floor.ts'
import { plainOutcome } from './outcome.ts'
import type { ExecutionStore } from './store.ts'

let floor: ExecutionFloor
let store: ExecutionStore
let nodeId: NodeId

beforeEach(async () => {
  floor = await executionFloor()
  store = floor.executionStore
  nodeId = (await floor.addNode('a')).id
})
afterEach(() => floor.close())

const at = '2026-03-01T12:00:00.000Z'
const claim = (now = at, fullNodes: NodeId[] = []) =>
  floor.db.write((tx) => store.claimOldest(tx, { now, fullNodes }))
const move = (...given: Parameters<ExecutionStore['move']> extends [unknown, ...infer Rest] ? Rest : never) =>
  floor.db.write((tx) => store.move(tx, ...given))
const queueOne = (name = 'a') => floor.queueOne(name)

describe('claiming', () => {
  test('takes the oldest, and nothing twice', async () => {
    const ids = [await queueOne(), await queueOne(), await queueOne()]
    const claimed = await Promise.all([claim(), claim(), claim(), claim()])
    expect(claimed.map((execution) => execution?.id)).toEqual([...ids, undefined])
    expect(claimed[0]).toMatchObject({ state: 'connecting', startedAt: at, waitingFor: null, fence: 1 })
  })

  test('passes over nodes without a free place', async () => {
    await queueOne()
    const { id: other } = await floor.addNode('b')
    const id = await queueOne('b')
    expect((await claim(at, [nodeId]))?.id).toBe(id)
    expect(await claim(at, [nodeId, other])).toBeUndefined()
  })

  test('passes over what has to wait for a time, and says when that is', async () => {
    const [early, late] = [await queueOne(), await queueOne()]
    await floor.db.write(async (tx) => {
      await store.note(tx, early, { notBefore: '2026-03-01T12:30:00.000Z' })
      await store.note(tx, late, { notBefore: '2026-03-01T13:00:00.000Z' })
    })
    expect(await claim(at)).toBeUndefined()
    expect(await store.nextNotBefore(at)).toBe('2026-03-01T12:30:00.000Z')
    expect((await claim('2026-03-01T12:30:00.000Z'))?.id).toBe(early)
    expect(await store.nextNotBefore('2026-03-01T12:30:00.000Z')).toBe('2026-03-01T13:00:00.000Z')
    expect(await store.nextNotBefore('2026-03-01T13:00:00.000Z')).toBeNull()
  })
})

describe('whoever has lost an execution', () => {
  test('changes nothing any more', async () => {
    const id = await queueOne()
    const stale = (await claim())?.fence ?? 0
    const fence = await floor.db.write((tx) => store.takeOver(tx, id))
    expect(fence).toBe(stale + 1)
    expect(await move(id, stale, 'failed', { outcome: { ...plainOutcome, kind: 'failed' } })).toBe(false)
    expect(await store.find(id)).toMatchObject({ state: 'connecting', outcome: null })
    expect(await move(id, fence, 'running')).toBe(true)
  })

  test('does not bring one back that has ended', async () => {
    const id = await queueOne()
    const { fence } = (await claim()) ?? { fence: 0 }
    expect(await move(id, fence, 'cancelled', { finishedAt: at })).toBe(true)
    expect(await move(id, fence, 'running')).toBe(false)
    expect(await store.find(id)).toMatchObject({ state: 'cancelled', finishedAt: at })
    expect(await claim()).toBeUndefined()
  })
})

test('an execution does not leave the path that its states allow', async () => {
  const id = await queueOne()
  expect(await move(id, 0, 'succeeded')).toBe(false)
  await claim()
  expect(await move(id, 1, 'running')).toBe(true)
  expect(await move(id, 1, 'queued')).toBe(false)
  expect(await move(id, 1, 'stopping')).toBe(true)
  expect(await move(id, 1, 'running')).toBe(false)
  expect(await move(id, 1, 'cancelled')).toBe(true)
})

test('progress changes what it names, and leaves the rest', async () => {
  const id = await queueOne()
  const reattach = { leaseS: 120, startedAtMs: 7 }
  const findings = { critical: 1, high: 0, warning: 0, info: 2 }
  await floor.db.write(async (tx) => {
    await store.note(tx, id, { reattach, waitingFor: 'the next connection' })
    await store.note(tx, id, { verdict: 'All is well.', findings, logLines: 12 })
  })
  const noted = {
    reattach,
    findings,
    verdict: 'All is well.',
    logLines: 12,
    waitingFor: 'the next connection',
  }
  expect(await store.find(id)).toMatchObject(noted)
  await floor.db.write((tx) => store.note(tx, id, { reattach: null, findings: null, waitingFor: null }))
  expect(await store.find(id)).toMatchObject({
    reattach: null,
    findings: null,
    waitingFor: null,
    logLines: 12,
  })
})

test('the first who asks to stop one is remembered', async () => {
  const id = await queueOne()
  await floor.db.write(async (tx) => {
    await store.requestCancel(tx, id, 'user:anna')
    await store.requestCancel(tx, id, 'user:ben')
  })
  expect((await store.find(id))?.cancelRequestedBy).toBe('user:anna')
})

test('the journal is numbered per execution, in the order of the steps', async () => {
  const [one, two] = [await queueOne(), await queueOne()]
  await floor.db.write(async (tx) => {
    await store.addJournal(tx, one, at, 'claimed', { fence: 1 })
    await store.addJournal(tx, two, at, 'claimed', { fence: 1 })
    await store.addJournal(tx, one, at, 'running', {})
  })
  expect(await store.journal(one)).toEqual([
    { seq: 1, at, step: 'claimed', detail: { fence: 1 } },
    { seq: 2, at, step: 'running', detail: {} },
  ])
  expect((await store.journal(two)).map(({ seq }) => seq)).toEqual([1])
})

test('a page goes on behind the last one, by any filter', async () => {
  const { id: other } = await floor.addNode('b')
  const ids = [await queueOne(), await queueOne('b'), await queueOne(), await queueOne()]
  const page = async (query: Partial<Parameters<ExecutionStore['page']>[0]>) =>
    (await store.page({ before: null, limit: 10, ...query })).map(({ id }) => ids.indexOf(id))
  expect(await page({})).toEqual([3, 2, 1, 0])
  expect(await page({ limit: 2 })).toEqual([3, 2])
  expect(await page({ limit: 2, before: ids[2] ?? null })).toEqual([1, 0])
  expect(await page({ nodeId })).toEqual([3, 2, 0])
  expect(await page({ nodeId: other })).toEqual([1])
  expect(await page({ agentId: looksAround, nodeId, before: ids[3] ?? null })).toEqual([2, 0])
  await claim()
  expect(await page({ state: 'connecting' })).toEqual([0])
  expect(await page({ state: 'queued' })).toEqual([3, 2, 1])
})

test('what is under way is found at the next start, and what a node still has to forget', async () => {
  const [running, ended, waiting] = [await queueOne(), await queueOne(), await queueOne()]
  await claim()
  await claim()
  await move(running, 1, 'running')
  const reattach = { leaseS: 120, startedAtMs: 7 }
  await move(ended, 1, 'lost', { reattach })
  expect((await store.unfinished()).map(({ id }) => id)).toEqual([running])
  expect((await store.unacknowledged()).map(({ id }) => id)).toEqual([ended])
  expect(await store.countAhead(waiting, nodeId)).toBe(1)
  expect(await store.countAhead(running, nodeId)).toBe(0)
})
