import { afterAll, beforeAll, expect, test } from 'vitest'
import { agentId, type ExecutionId, type NodeId } from '../../contract/ids.ts'
import type { StoryKind } from '../../contract/story.ts'
import { anna, nodeFloor, type NodeFloor } from '../../testbed/node-floor.ts'
import { createPastRuns } from '../../testbed/past-runs.ts'
import { createStory, type Story } from './story.ts'

const health = agentId.parse('system-health')
const day = 86_400_000

let floor: NodeFloor
let story: Story
let nas: NodeId
let pi: NodeId
let last: ExecutionId

const facts = (os: string, pct: number, days: number | null = null, confidence = 'high') => ({
  host: { os },
  disks: [
    {
      mount: '/srv',
      pct,
      used: pct * 1e9,
      avail: (100 - pct) * 1e9,
      forecast: { state: 'ok', days, confidence },
    },
  ],
})

beforeAll(async () => {
  floor = await nodeFloor()
  story = createStory({ db: floor.db })
  nas = (await floor.addNode('nas')).id
  pi = (await floor.addNode('pi')).id
  await floor.addNode('quiet')
  const addRun = createPastRuns(floor)
  await addRun(nas, { facts: facts('Debian 12', 40), findings: [{}] })
  await addRun(pi, { facts: facts('Raspbian', 70, 3, 'low') })
  await floor.clock.advance(day)
  last = await addRun(nas, { facts: facts('Debian 13', 90, 4) })
  await addRun(nas, { facts: facts('Debian 13', 90, 4) })
})
afterAll(() => floor.close())

const tell = (kind?: StoryKind, more: { cursor?: string; limit?: number } = {}, who = anna) =>
  story.ofNode(nas, { kind, agentId: undefined, cursor: more.cursor, limit: more.limit ?? 50 }, who)

test('the story of a node has everything in one order', async () => {
  const { items, nextCursor } = await tell()
  expect(
    items.map((event) => (event.kind === 'finding' ? `${event.kind} ${event.what}` : event.kind)),
  ).toEqual(['finding resolved', 'execution', 'change', 'execution', 'finding found', 'execution', 'audit'])
  expect(nextCursor).toBeNull()
  expect(items.find(({ kind }) => kind === 'change')).toMatchObject({ total: 2, executionId: last })
})

test('it can be read page by page, and narrowed down', async () => {
  const pages = []
  let cursor: string | undefined
  do {
    const page = await tell(undefined, { limit: 2, ...(cursor && { cursor }) })
    pages.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  expect(pages).toEqual((await tell()).items)
  expect((await tell('change')).items.map(({ kind }) => kind)).toEqual(['change'])
})

test('who may not read the audit trail does not read it here', async () => {
  const { items } = await tell(undefined, {}, { ...anna, role: 'viewer' })
  expect(items.some(({ kind }) => kind === 'audit')).toBe(false)
})

test('a node that is not there has no story', async () => {
  const gone = `nod_${'0'.repeat(26)}` as NodeId
  await expect(
    story.ofNode(gone, { kind: undefined, agentId: undefined, cursor: undefined, limit: 5 }, anna),
  ).rejects.toMatchObject({ code: 'node.not_found' })
})

test('what changed anywhere since a moment', async () => {
  const since = (ms: number) => new Date(floor.clock.now().getTime() - ms).toISOString()
  const query = { cursor: undefined, nodeId: undefined, limit: 50 }
  const { items } = await story.changes({ ...query, since: since(day / 2) })
  expect(items).toMatchObject([{ nodeName: 'nas', executionId: last }])
  expect(items[0]?.changes.map(({ path }) => path).sort()).toEqual(['disks./srv.used', 'host.os'])
  expect((await story.changes({ ...query, since: since(0) })).items).toEqual([])
})

test('one fact of all nodes side by side', async () => {
  expect((await story.paths({ agentId: health })).items).toContain('host.os')
  const { items } = await story.across({ agentId: health, path: 'host.os', cursor: undefined, limit: 50 })
  expect(items).toMatchObject([
    { nodeName: 'nas', isKnown: true, value: 'Debian 13' },
    { nodeName: 'pi', isKnown: true, value: 'Raspbian' },
    { nodeName: 'quiet', isKnown: false, value: null, executionId: null },
  ])
  const one = await story.across({ agentId: health, path: 'host.os', cursor: undefined, limit: 1 })
  expect(one.nextCursor).toBe('nas')
})

test('disks that will be full come with their day; guesses are left out', async () => {
  const { items } = await story.diskForecasts(10)
  expect(items).toMatchObject([{ nodeName: 'nas', mount: '/srv', usedPercent: 90, confidence: 'high' }])
  const at = Date.parse(items[0]?.fullAt ?? '') - floor.clock.now().getTime()
  expect(Math.round(at / day)).toBe(4)
})
