import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NodeId } from '../../contract/ids.ts'
import type { Role, Scope } from '../../contract/permissions.ts'
import type { SearchKind } from '../../contract/search.ts'
import { anna, nodeFloor, type NodeFloor } from '../../testbed/node-floor.ts'
import { createPastRuns } from '../../testbed/past-runs.ts'
import { createLogs, type Logs } from '../executions/log.ts'
import { createWordSearch, type WordSearch } from './search.ts'
import { auditSlice } from './store.ts'

const silent = new AbortController().signal

let floor: NodeFloor
let folder: string
let logs: Logs
let addRun: ReturnType<typeof createPastRuns>
let search: WordSearch
let nas: NodeId
let pi: NodeId

beforeAll(async () => {
  floor = await nodeFloor()
  folder = mkdtempSync(join(tmpdir(), 'carl-search-'))
  addRun = createPastRuns(floor)
  logs = createLogs({ folder, clock: floor.clock, logger: floor.logger })
  search = createWordSearch({ db: floor.db, readLog: logs.read, clock: floor.clock })
  nas = (await floor.addNode('nas', { tags: ['cellar'] })).id
  pi = (await floor.addNode('Größe')).id
  await run(nas, ['mounted /srv/photos', 'Disk 40% used'])
  await run(
    pi,
    Array.from({ length: 12 }, (_, at) => `line ${at} of the talkative one`),
  )
})
afterAll(async () => {
  await logs.close()
  await floor.close()
  rmSync(folder, { recursive: true })
})

/** An execution with this log and a report. */
async function run(nodeId: NodeId, lines: readonly string[]): Promise<void> {
  const id = await addRun(nodeId, {
    facts: { host: { os: 'Debian 12' }, disks: [{ mount: '/srv', pct: 93 }] },
    findings: [{ evidence: { biggest: '/srv/photos' } }],
  })
  const writer = await logs.writer(id)
  const at = floor.clock.now().toISOString()
  for (const text of lines) writer.append({ at, stream: 'out', level: 'info', text, message: null, q: null })
  await writer.finish()
}

const as = (role: Role, scopes: readonly Scope[] | null = null) => ({ ...anna, role, scopes })
const find = (
  text: string,
  kind?: SearchKind,
  more: { cursor?: string; limit?: number } = {},
  who = as('admin'),
) => search.find({ text, kind, cursor: more.cursor, limit: more.limit ?? 20 }, who, silent)
const found = async (...asked: Parameters<typeof find>) =>
  Object.fromEntries((await find(...asked)).groups.map(({ kind, items }) => [kind, items.length]))

test('words are found wherever they stand, each kind by itself', async () => {
  expect(await found('/srv/photos')).toEqual({ node: 0, finding: 2, fact: 0, log: 1, audit: 0 })
  expect(await found('cellar')).toMatchObject({ node: 1 })
  expect(await found('node.created NAS')).toMatchObject({ audit: 1 })
})

test('every word has to stand there, in any case, and signs of SQL are only signs', async () => {
  expect(await found('DISK 40%', 'log')).toEqual({ log: 1 })
  expect(await found('disk 4%0', 'log')).toEqual({ log: 0 })
  expect(await found('n_s', 'node')).toEqual({ node: 0 })
  expect(await found('Größe', 'node')).toEqual({ node: 1 })
})

test('a fact is found by its place and by its value, in the newest report of each node', async () => {
  const { groups } = await find('disks[/srv].pct', 'fact')
  expect(groups[0]?.items).toMatchObject([
    { nodeName: 'Größe', path: 'disks[/srv].pct', text: '93' },
    { nodeName: 'nas', path: 'disks[/srv].pct', text: '93' },
  ])
  expect(await found('debian', 'fact')).toEqual({ fact: 2 })
})

/** What is found when it is leafed through one by one. */
async function oneByOne(text: string, kind: SearchKind): Promise<unknown[]> {
  const found: unknown[] = []
  let cursor: string | undefined
  do {
    const [group] = (await find(text, kind, { limit: 1, ...(cursor && { cursor }) })).groups
    found.push(...(group?.items ?? []))
    cursor = group?.nextCursor ?? undefined
  } while (cursor)
  return found
}

test.each([
  ['disks', 'fact'],
  ['/srv', 'finding'],
  ['a', 'audit'],
] as const)('pages of %j as a %s follow each other without loss or repetition', async (text, kind) => {
  const whole = (await find(text, kind)).groups[0]?.items ?? []
  expect(whole.length).toBeGreaterThan(1)
  expect(await oneByOne(text, kind)).toEqual(whole)
})

test('a talkative log shows five lines at once; leafing through it by ones shows them all', async () => {
  const lines = await oneByOne('talkative', 'log')
  expect(lines.length).toBe(12)
  expect(lines).toEqual(expect.arrayContaining((await find('talkative', 'log')).groups[0]?.items ?? []))
})

test('a talkative log leaves room for others', async () => {
  expect(await found('talkative', 'log')).toEqual({ log: 5 })
})

describe('who may not read a thing does not find it', () => {
  test('a viewer finds nothing in the audit trail, and is told so when asking for it alone', async () => {
    expect(await found('nas', undefined, {}, as('viewer'))).not.toHaveProperty('audit')
    await expect(find('nas', 'audit', {}, as('viewer'))).rejects.toMatchObject({ code: 'auth.forbidden' })
  })
  test('a token finds what it is limited to', async () => {
    expect(Object.keys(await found('srv', undefined, {}, as('admin', ['finding'])))).toEqual(['finding'])
  })
})

test('a long trail is looked through in pieces, and what is old is found behind a cursor or at once', async () => {
  const [first] = (await find('node.created', 'audit', { limit: 1 })).groups
  const before = first?.items.length ?? 0
  await floor.db.write(async (tx) => {
    const head = await tx
      .selectFrom('audit')
      .select((a) => a.fn.max('seq').as('seq'))
      .executeTakeFirstOrThrow()
    for (let done = 0; done < auditSlice + 1_000; done += 1_000)
      await tx
        .insertInto('audit')
        .values(
          Array.from({ length: 1_000 }, (_, at) => ({
            seq: head.seq + 1 + done + at,
            at: floor.clock.now().toISOString(),
            actor: 'server',
            ip: null,
            action: 'command.ran',
            target: nas,
            detail: '{"argv":["df"]}',
            previous_hash: '',
            hash: '',
          })),
        )
        .execute()
  })
  expect(before).toBe(1)
  expect(await found('node.created', 'audit')).toEqual({ audit: 2 })
})
