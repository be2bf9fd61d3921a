import { expect, test } from 'vitest'
import type { NodeId } from '../../contract/ids.ts'
import { createOccupancy } from './occupancy.ts'

const nas = 'nod_01jd0000000000000000000001' as NodeId
const pi = 'nod_01jd0000000000000000000002' as NodeId
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** Work that goes on until the test ends it. */
function piece(log: string[], name: string) {
  const { promise, resolve } = Promise.withResolvers<void>()
  const work = async () => {
    log.push(`${name} begins`)
    await promise
    log.push(`${name} ends`)
  }
  return { work, end: resolve }
}

test('who wants a node alone waits for its runs, and no new one is to begin there meanwhile', async () => {
  const occupancy = createOccupancy()
  const log: string[] = []
  const [first, change] = [piece(log, 'run'), piece(log, 'change')]
  const running = occupancy.run(nas, first.work)
  const changing = occupancy.alone(nas, new AbortController().signal, change.work)
  await settled()
  expect(log).toEqual(['run begins'])
  expect(occupancy.closed()).toEqual([nas])
  first.end()
  await running
  await settled()
  expect(log).toEqual(['run begins', 'run ends', 'change begins'])
  change.end()
  await changing
  expect(occupancy.closed()).toEqual([])
})

test('a run that was claimed a moment too early waits, and is told of when the node is open', async () => {
  const occupancy = createOccupancy()
  const log: string[] = []
  let opened = 0
  occupancy.onOpen(() => void opened++)
  const [change, late, elsewhere] = [piece(log, 'change'), piece(log, 'late'), piece(log, 'elsewhere')]
  const changing = occupancy.alone(nas, new AbortController().signal, change.work)
  await settled()
  const running = occupancy.run(nas, late.work)
  const other = occupancy.run(pi, elsewhere.work)
  await settled()
  expect(log).toEqual(['change begins', 'elsewhere begins'])
  change.end()
  await changing
  await settled()
  expect(log.slice(2)).toEqual(['change ends', 'late begins'])
  expect(opened).toBe(1)
  late.end()
  elsewhere.end()
  await Promise.all([running, other])
})

test('two changes of one node come one after the other', async () => {
  const occupancy = createOccupancy()
  const log: string[] = []
  const [one, two] = [piece(log, 'one'), piece(log, 'two')]
  const { signal } = new AbortController()
  const both = [occupancy.alone(nas, signal, one.work), occupancy.alone(nas, signal, two.work)]
  await settled()
  one.end()
  await settled()
  two.end()
  await Promise.all(both)
  expect(log).toEqual(['one begins', 'one ends', 'two begins', 'two ends'])
})

test('a server that stops waits no longer, and the node is open', async () => {
  const occupancy = createOccupancy()
  const log: string[] = []
  const [run, change] = [piece(log, 'run'), piece(log, 'change')]
  const running = occupancy.run(nas, run.work)
  const stop = new AbortController()
  const changing = occupancy.alone(nas, stop.signal, change.work)
  stop.abort(new Error('the server stops'))
  await expect(changing).rejects.toThrow('the server stops')
  expect(occupancy.closed()).toEqual([])
  run.end()
  await running
  expect(log).not.toContain('change begins')
})

test('a change that breaks leaves the node open', async () => {
  const occupancy = createOccupancy()
  const broken = occupancy.alone(nas, new AbortController().signal, () => Promise.reject(new Error('a bug')))
  await expect(broken).rejects.toThrow('a bug')
  await occupancy.run(nas, async () => {})
  expect(occupancy.hasRuns(nas)).toBe(false)
})
