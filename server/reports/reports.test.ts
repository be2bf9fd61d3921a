import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AgentMessage } from '../../contract/agent-protocol.ts'
import {
  type AgentId,
  agentId as agentIds,
  type ExecutionId,
  type NodeId,
  nodeId as nodeIds,
} from '../../contract/ids.ts'
import { report as reportShape } from '../../contract/reports.ts'
import { createFakeClock, type FakeClock } from '../../testbed/fake-clock.ts'
import { type TestDatabase, testDatabase } from '../../testbed/database.ts'
import { type Actor, serverActor } from '../lib/actor.ts'
import { createEvents, type EventBus } from '../lib/events.ts'
import { createIds, type NewId } from '../lib/id.ts'
import { createLogger } from '../lib/logger.ts'
import { createNotices } from '../notices/notices.ts'
import { collect } from './collected.ts'
import { exportReport } from './export.ts'
import { createReports, type Reports } from './reports.ts'
import { latestQuery } from './series-store.ts'

const anna: Actor = { ...serverActor, name: 'user:anna', role: 'operator' }
const agentId = agentIds.parse('system-health')
const day = 86_400_000

let test_: TestDatabase
let clock: FakeClock
let events: EventBus
let newId: NewId
let reports: Reports
let audited: { action: string; target: string | null }[]

beforeEach(async () => {
  clock = createFakeClock({ startsAt: '2026-11-01T07:00:00.000Z' })
  test_ = await testDatabase(clock)
  events = createEvents(createLogger('silent'))
  newId = createIds(clock)
  audited = []
  const audit = {
    append: async (_: unknown, { action, target = null }: { action: string; target?: string | null }) => {
      audited.push({ action, target })
    },
  }
  const notices = createNotices({ clock, newId, events })
  reports = createReports({ db: test_.db, clock, events, audit, notices })
})
afterEach(() => test_.close())

async function addNode(name: string): Promise<NodeId> {
  const id = newId('nod')
  const at = clock.now().toISOString()
  await test_.db.write((tx) =>
    tx
      .insertInto('node')
      .values({
        id,
        name,
        host: '127.0.0.1',
        port: 22,
        username: 'carl',
        credential_id: null,
        jump_node_id: null,
        transport: 'builtin',
        elevation: 'none',
        legacy_algorithms: 0,
        tags: '[]',
        allowed_agents: null,
        connections_per_hour: null,
        paused: 0,
        platform: '{}',
        python_hint: null,
        last_seen_at: null,
        last_problem: null,
        created_at: at,
        updated_at: at,
      })
      .execute(),
  )
  return id
}

async function addExecution(node: NodeId): Promise<ExecutionId> {
  const id = newId('exe')
  await test_.db.write((tx) =>
    tx
      .insertInto('execution')
      .values({
        id,
        batch_id: null,
        agent_id: agentId,
        agent_version: '1.0.0',
        bundle_sha256: '',
        node_id: node,
        state: 'succeeded',
        active: 0,
        dry_run: 0,
        options: '{}',
        timeout_s: 60,
        started_by: 'user:anna',
        queued_at: clock.now().toISOString(),
        not_before: null,
        waiting_for: null,
        started_at: null,
        finished_at: null,
        outcome: null,
        log_lines: 0,
        verdict: null,
        finding_counts: null,
        cancel_requested_by: null,
        reattach: null,
      })
      .execute(),
  )
  return id
}

/** One run of the agent that says these messages, and the day that follows. */
async function run(
  node: NodeId,
  said: AgentMessage[],
  { after = day, agent = agentId }: { after?: number; agent?: AgentId } = {},
) {
  const id = await addExecution(node)
  const report = await test_.db.write((tx) =>
    reports.store(tx, {
      execution: { id, nodeId: node, agentId: agent, agentVersion: '1.0.0' },
      nodeName: 'nas',
      durationMs: 6_200,
      collected: collect(said),
    }),
  )
  await clock.advance(after)
  return report
}

const result: AgentMessage = {
  kind: 'result',
  status: 'ok',
  reason: null,
  gaps: [],
  dropped: {},
  ms: 1,
  maxRssKib: 1,
}
const found = (over: Partial<Extract<AgentMessage, { kind: 'finding' }>['finding']> = {}): AgentMessage => ({
  kind: 'finding',
  finding: {
    id: 'disk.full',
    severity: 'critical',
    subject: '/var',
    key: `disk.full:${over.subject ?? '/var'}`,
    title: '/var is 97 % full',
    evidence: { pct: 97 },
    fix: 'Free some space.',
    confidence: 'certain',
    ...over,
  },
})
const looked: AgentMessage = { kind: 'progress', step: 'disks', state: 'ok' }
const facts = (data: Record<string, unknown>): AgentMessage => ({
  kind: 'data',
  schema: 'system-health/1',
  data,
})
const disks = (pct: number) =>
  facts({ disks: [{ mount: '/var', used: pct * 1e9, avail: (100 - pct) * 1e9, pct, size: 100e9 }] })

test('the first report has a verdict, and nothing to compare with', async () => {
  const node = await addNode('nas')
  const stored = await run(node, [looked, found(), disks(97), result])
  expect(stored).toMatchObject({
    verdict: '1 thing needs you: /var is 97 % full.',
    worst: 'critical',
    changes: null,
    comparedWith: null,
  })
  expect(stored.findings).toMatchObject([{ state: 'new', firstSeenAt: '2026-11-01T07:00:00.000Z' }])
})

test('a report that is read back is the report that was stored, and keeps to the contract', async () => {
  const node = await addNode('nas')
  const metric: AgentMessage = {
    kind: 'metric',
    name: 'disk.used',
    value: 97,
    unit: '%',
    labels: { mount: '/var' },
  }
  const stored = await run(node, [looked, found(), disks(97), metric, result])
  expect(await reports.get(stored.executionId)).toEqual(stored)
  expect(reportShape.parse(stored)).toEqual(stored)
})

test('updates are told once: by the Update Advisor, for as long as it runs on the node', async () => {
  const update = (id: string) => found({ id, key: `${id}:apt`, subject: 'apt' })
  const health = [looked, { ...looked, step: 'updates' }, found(), update('upd.security'), result]
  const open = ({ findings }: { findings: readonly { rule: string; state: string }[] }) =>
    findings.filter(({ state }) => state !== 'resolved').map(({ rule }) => rule)
  const both = ['disk.full', 'upd.security']
  const node = await addNode('nas')
  expect(open(await run(node, health)).toSorted()).toEqual(both)
  const advisor = agentIds.parse('update-advisor')
  expect(
    open(await run(node, [update('upd.security'), facts({ packages: {} }), result], { agent: advisor })),
  ).toEqual(['upd.security'])
  await run(node, health)
  expect(open(await run(node, health))).toEqual(['disk.full'])
  expect(open(await run(await addNode('pi'), health)).toSorted()).toEqual(both)
  await clock.advance(14 * day)
  expect(open(await run(node, health)).toSorted()).toEqual(both)
})

test('an execution without a report is refused by name', async () => {
  const node = await addNode('nas')
  await expect(reports.get(await addExecution(node))).rejects.toMatchObject({ code: 'execution.no_report' })
})

test('the same run twice changes nothing, and all is known', async () => {
  const node = await addNode('nas')
  const said = [looked, found(), found({ subject: '/srv' }), disks(97), result]
  const first = await run(node, said)
  const second = await run(node, said)
  expect(second.changes).toEqual([])
  expect(second.comparedWith).toBe(first.executionId)
  expect(second.findings.map(({ state }) => state)).toEqual(['known', 'known'])
})

test('a problem that is repaired goes quiet at once, and is resolved by the next run', async () => {
  const node = await addNode('nas')
  await run(node, [looked, found(), disks(97), result])
  const repaired = await run(node, [looked, disks(40), result])
  expect(repaired.verdict).toBe(
    'All is well: 1 area checked, nothing needs you. 1 finding not seen again; one more run like this resolves it.',
  )
  expect(repaired.changes).toMatchObject([{ text: '/var shrank from 97 % to 40 % (−57 GB)' }])
  const sure = await run(node, [looked, disks(40), result])
  expect(sure.findings).toMatchObject([{ state: 'resolved', resolvedAt: '2026-11-03T07:00:00.000Z' }])
  expect(sure.verdict).toBe('All is well: 1 area checked, nothing needs you.')
  const after = await run(node, [looked, disks(40), result])
  expect(after.findings).toEqual([])
})

test('a run with gaps resolves nothing, however often it comes', async () => {
  const node = await addNode('nas')
  await run(node, [looked, found(), disks(97), result])
  const blind: AgentMessage = {
    ...result,
    status: 'partial',
    gaps: [{ what: 'disks', why: 'hung', remedy: null }],
  }
  for (let times = 0; times < 3; times++) {
    const { findings, changes } = await run(node, [facts({}), blind])
    expect(findings).toMatchObject([{ state: 'known', lastSeenAt: '2026-11-01T07:00:00.000Z' }])
    expect(changes).toEqual([])
  }
})

test('facts in another shape are not compared', async () => {
  const node = await addNode('nas')
  await run(node, [disks(97), result])
  const next = await run(node, [{ kind: 'data', schema: 'system.health/2', data: { other: 1 } }, result])
  expect(next).toMatchObject({ changes: null, comparedWith: null })
})

test('an acknowledged finding keeps quiet until it grows worse', async () => {
  const node = await addNode('nas')
  const said = [looked, found({ severity: 'warning', evidence: { pct: 90 } }), result]
  const first = await run(node, said)
  const told: string[] = []
  events.on('findings.changed', 'test', ({ nodeId }) => void told.push(nodeId))

  const key = 'disk.full:/var'
  const acknowledged = await reports.acknowledge({ nodeId: node, agentId, key }, anna)
  expect(acknowledged).toMatchObject({
    acknowledgedBy: 'user:anna',
    acknowledgedAt: clock.now().toISOString(),
  })
  await reports.acknowledge({ nodeId: node, agentId, key }, { ...anna, name: 'user:ben' })
  expect(told).toEqual([node])
  expect(audited).toEqual([{ action: 'finding.acknowledged', target: node }])

  expect((await reports.get(first.executionId)).findings).toMatchObject([{ acknowledgedBy: 'user:anna' }])
  expect(await reports.findingCounts([node])).toEqual(new Map())
  const quiet = await run(node, said)
  expect(quiet.verdict).toBe('All is well: 1 area checked, nothing new needs you (1 acknowledged).')
  expect(quiet.worst).toBeNull()

  const worse = await run(node, [looked, found({ severity: 'warning', evidence: { pct: 94 } }), result])
  expect(worse.findings).toMatchObject([{ state: 'worse', acknowledgedBy: null }])
  expect(worse.verdict).toBe('1 thing needs you: /var is 97 % full.')
  expect((await reports.findingCounts([node])).get(node)).toEqual({
    critical: 0,
    high: 0,
    warning: 1,
    info: 0,
  })
})

test('only an open finding can be acknowledged', async () => {
  const node = await addNode('nas')
  const wanted = { nodeId: node, agentId, key: 'disk.full:/var' }
  await expect(reports.acknowledge(wanted, anna)).rejects.toMatchObject({ code: 'finding.not_found' })
  await run(node, [looked, found(), result])
  await run(node, [looked, result])
  await run(node, [looked, result])
  await expect(reports.acknowledge(wanted, anna)).rejects.toMatchObject({ code: 'finding.not_found' })
})

test('a transaction that fails leaves nothing of a report behind', async () => {
  const node = await addNode('nas')
  const id = await addExecution(node)
  const failing = test_.db.write(async (tx) => {
    await reports.store(tx, {
      execution: { id, nodeId: node, agentId, agentVersion: '1.0.0' },
      nodeName: 'nas',
      durationMs: 1,
      collected: collect([looked, found(), { kind: 'history', key: 'disk', value: 1 }, result]),
    })
    throw new Error('the power went')
  })
  await expect(failing).rejects.toThrow('the power went')
  expect(await reports.findingCounts([node])).toEqual(new Map())
  expect(await reports.historyFor({ nodeId: node, agentId, keys: ['disk'] })).toEqual({})
})

test('an agent gets its samples back, oldest first, with the moment they were taken', async () => {
  const node = await addNode('nas')
  for (const used of [10, 20, 30]) {
    await run(node, [{ kind: 'history', key: 'disk', value: { '/var': [used, 100] } }, result])
  }
  const start = Date.parse('2026-11-01T07:00:00.000Z') / 1_000
  expect(await reports.historyFor({ nodeId: node, agentId, keys: ['disk', 'ports'] })).toEqual({
    disk: [
      [start, { '/var': [10, 100] }],
      [start + 86_400, { '/var': [20, 100] }],
      [start + 172_800, { '/var': [30, 100] }],
    ],
  })
  expect(await reports.historyFor({ nodeId: node, agentId: 'other', keys: ['disk'] })).toEqual({})
})

test('history stays within its bounds, with the newest sample of each key', async () => {
  const node = await addNode('nas')
  const said = (size: number): AgentMessage[] => [
    { kind: 'history', key: 'large', value: 'x'.repeat(size) },
    { kind: 'history', key: 'small', value: size },
    result,
  ]
  for (let times = 0; times < 200; times++) await run(node, said(4_000 + times), { after: 3_600_000 })
  const history = await reports.historyFor({ nodeId: node, agentId, keys: ['large', 'small'] })
  expect(Buffer.byteLength(JSON.stringify(history))).toBeLessThanOrEqual(262_144)
  expect(history['small']).toHaveLength(120)
  expect(history['small']?.at(-1)?.[1]).toBe(4_199)
  expect(history['large']?.length).toBeGreaterThanOrEqual(30)
  expect(history['large']?.at(-1)?.[1]).toHaveLength(4_199)
  const little = await reports.historyFor({
    nodeId: node,
    agentId,
    keys: ['large', 'small'],
    maxBytes: 6_000,
  })
  expect(Object.keys(little)).toEqual(['large', 'small'])
})

test('the list of findings pages through everything once, most severe first', async () => {
  const severities = ['critical', 'high', 'warning', 'info'] as const
  const nodes = []
  for (let index = 0; index < 5; index++) nodes.push(await addNode(`node-${index}`))
  for (const node of nodes) {
    const said = Array.from({ length: 8 }, (_, index) =>
      found({ subject: `/disk${index}`, severity: severities[index % 4] ?? 'info' }),
    )
    // Two nodes at the same moment: their findings are equally placed but for the node.
    await run(node, [looked, ...said, result], { after: node === nodes[0] ? 0 : 1_000 })
  }
  const seen: string[] = []
  const ranks: number[] = []
  let cursor: string | undefined
  do {
    const page = await reports.listFindings({ limit: 3, open: true, ...(cursor && { cursor }) })
    expect(page.items.length).toBeLessThanOrEqual(3)
    for (const item of page.items) {
      seen.push(`${item.nodeId} ${item.key}`)
      ranks.push(severities.indexOf(item.severity))
    }
    cursor = page.nextCursor ?? undefined
    expect((cursor ?? '').length).toBeLessThanOrEqual(200)
  } while (cursor)
  expect(seen).toHaveLength(40)
  expect(new Set(seen).size).toBe(40)
  expect(ranks).toEqual(ranks.toSorted((a, b) => a - b))

  const ofNode = await reports.listFindings({ limit: 50, open: true, nodeId: nodes[1], severity: 'high' })
  expect(ofNode).toMatchObject({ items: [{ severity: 'high' }, { severity: 'high' }], nextCursor: null })
  await expect(reports.listFindings({ limit: 3, open: true, cursor: "0'~x" })).rejects.toMatchObject({
    code: 'request.invalid',
  })
})

test('resolved findings are listed apart from open ones', async () => {
  const node = await addNode('nas')
  await run(node, [looked, found(), found({ subject: '/srv' }), result])
  for (let times = 0; times < 2; times++) await run(node, [looked, found({ subject: '/srv' }), result])
  const subjects = async (open: boolean) =>
    (await reports.listFindings({ limit: 50, open })).items.map(({ subject }) => subject)
  expect(await subjects(true)).toEqual(['/srv'])
  expect(await subjects(false)).toEqual(['/var'])
})

test('metrics come back as series, thinned evenly to the limit', async () => {
  const node = await addNode('nas')
  for (let times = 0; times < 30; times++) {
    const used = (mount: string): AgentMessage => ({
      kind: 'metric',
      name: 'disk.used',
      value: times,
      unit: '%',
      labels: { mount, kind: 'ext4' },
    })
    await run(node, [
      used('/'),
      used('/var'),
      { kind: 'metric', name: 'load', value: 1, unit: '', labels: {} },
      result,
    ])
  }
  const { items } = await reports.metricHistory(node, { limit: 2_000 })
  expect(items.map(({ name, labels, points }) => [name, labels['mount'], points.length])).toEqual([
    ['disk.used', '/', 30],
    ['disk.used', '/var', 30],
    ['load', undefined, 30],
  ])
  const some = await reports.metricHistory(node, {
    name: 'disk.used',
    limit: 6,
    since: '2026-11-21T00:00:00.000Z',
  })
  expect(some.items[0]?.points.map(({ value }) => value)).toEqual([20, 25, 29])
  await expect(
    reports.metricHistory(nodeIds.parse(`nod_${'0'.repeat(26)}`), { limit: 10 }),
  ).rejects.toMatchObject({ code: 'node.not_found' })
})

test('the newest value of each disk and of the memory comes for every node, and for no other metric', async () => {
  const [nas, pi] = [await addNode('nas'), await addNode('pi')]
  const used = (mount: string, value: number): AgentMessage => ({
    kind: 'metric',
    name: 'disk.used_pct',
    value,
    unit: '%',
    labels: { mount },
  })
  const memory: AgentMessage = { kind: 'metric', name: 'memory.used_pct', value: 40, unit: '%', labels: {} }
  const load: AgentMessage = { kind: 'metric', name: 'load', value: 1, unit: '', labels: {} }
  await run(nas, [used('/', 10), used('/old', 5), load, result])
  await run(nas, [used('/', 20), used('/var', 90), memory, load, result])
  await run(pi, [used('/', 30), result])
  const latest = async (over: { names: string[]; nodes?: NodeId[] }) =>
    (await reports.latestMetrics(over)).items
      .map(({ nodeId, name, labels, value, at }) => [
        nodeId === nas ? 'nas' : 'pi',
        name,
        labels['mount'],
        value,
        at.slice(0, 10),
      ])
      // Two nodes of the same millisecond may come in either order.
      .toSorted(([one], [other]) => String(one).localeCompare(String(other)))
  expect(await latest({ names: ['disk.used_pct', 'memory.used_pct', 'disk.used_pct'] })).toEqual([
    ['nas', 'disk.used_pct', '/', 20, '2026-11-02'],
    ['nas', 'disk.used_pct', '/old', 5, '2026-11-01'],
    ['nas', 'disk.used_pct', '/var', 90, '2026-11-02'],
    ['nas', 'memory.used_pct', undefined, 40, '2026-11-02'],
    ['pi', 'disk.used_pct', '/', 30, '2026-11-03'],
  ])
  expect(await latest({ names: ['disk.used_pct'], nodes: [pi] })).toEqual([
    ['pi', 'disk.used_pct', '/', 30, '2026-11-03'],
  ])
  expect(await latest({ names: ['none'] })).toEqual([])
})

test('the newest values are found through the index, however many points there are', async () => {
  const { rows } = await test_.db.write((tx) =>
    sql<{ detail: string }>`explain query plan ${latestQuery(['disk.used_pct'], undefined)}`.execute(tx),
  )
  const steps = rows.map(({ detail }) => detail)
  expect(steps.filter((step) => step.includes('metric'))).not.toHaveLength(0)
  expect(steps.filter((step) => step.startsWith('SCAN metric'))).toEqual([])
})

test('what a hostile node says is stored, found again and exported without harm', async () => {
  const node = await addNode('nas')
  const evil = "=cmd|'/c calc'!A1\u0000\u001b[2J\u202e\ud800<img src=x>'; drop table node; --"
  const deep = JSON.parse(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`) as Record<string, unknown>
  const said: AgentMessage[] = [
    found({
      id: evil.slice(0, 90),
      subject: evil,
      key: evil,
      title: evil,
      fix: evil,
      evidence: { [evil]: evil, deep },
    }),
    found({ subject: '/huge', evidence: { text: 'x'.repeat(100_000) } }),
    {
      kind: 'metric',
      name: evil,
      value: -1,
      unit: evil.slice(0, 20),
      labels: { [evil]: evil, __proto__: evil },
    },
    { kind: 'history', key: evil.slice(0, 60), value: deep },
    { kind: 'history', key: 'huge', value: 'x'.repeat(100_000) },
    {
      kind: 'data',
      schema: evil,
      data: { ...deep, [evil]: [evil], disks: 'none', host: [1], ports: { external: [deep] } },
    },
    { ...result, gaps: [{ what: evil, why: evil, remedy: evil }] },
  ]
  await run(node, said)
  const again = await run(node, said)
  expect(again.findings.map(({ state }) => state)).toEqual(['known', 'known'])
  expect(again.changes).toEqual([])
  expect(await reports.get(again.executionId)).toEqual(again)
  expect((await reports.listFindings({ limit: 50, open: true })).items).toHaveLength(2)
  expect((await reports.metricHistory(node, { limit: 10 })).items[0]?.points).toHaveLength(2)
  expect(Object.keys(await reports.historyFor({ nodeId: node, agentId, keys: ['huge'] }))).toEqual([])
  for (const format of ['json', 'csv', 'md'] as const) {
    expect(exportReport(again, format).body.length).toBeGreaterThan(100)
  }
})

test('four megabytes of facts are stored and compared', async () => {
  const node = await addNode('nas')
  const huge = (seed: number) =>
    facts({
      entries: Array.from({ length: 40_000 }, (_, index) => ({
        name: `entry-${index}`,
        state: (index * seed) % 7,
        note: 'x'.repeat(60),
      })),
    })
  await run(node, [huge(1), result])
  const report = await run(node, [huge(2), result])
  expect(report.changes).toHaveLength(100)
})
