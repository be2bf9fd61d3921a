import { stat } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ExecutionId, NodeId } from '../../contract/ids.ts'
import { type TestDatabase, testDatabase } from '../../testbed/database.ts'
import { sweepDatabase } from './retention.ts'

const day = 86_400_000
const now = Date.parse('2026-06-01T00:00:00.000Z')
const at = (daysAgo: number) => new Date(now - daysAgo * day).toISOString()
const node = 'nod_00000000000000000000000001' as NodeId
let testbase: TestDatabase

beforeEach(async () => {
  testbase = await testDatabase()
  await testbase.db.write((tx) =>
    tx
      .insertInto('node')
      .values({
        id: node,
        name: 'nas',
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
        created_at: at(100),
        updated_at: at(100),
      })
      .execute(),
  )
})
afterEach(() => testbase.close())

async function addExecution(number: number, finishedDaysAgo: number | null): Promise<void> {
  const id = `exe_${String(number).padStart(26, '0')}` as ExecutionId
  const batch = `bat_${String(number).padStart(26, '0')}` as never
  await testbase.db.write(async (tx) => {
    const created = at((finishedDaysAgo ?? 90) + 1)
    await tx
      .insertInto('batch')
      .values({ id: batch, agent_id: 'a' as never, started_by: 'local', created_at: created })
      .execute()
    await tx
      .insertInto('execution')
      .values({
        id,
        batch_id: batch,
        agent_id: 'a' as never,
        agent_version: '1.0.0',
        bundle_sha256: '',
        node_id: node,
        state: finishedDaysAgo === null ? 'running' : 'succeeded',
        active: finishedDaysAgo === null ? 1 : 0,
        dry_run: 0,
        options: '{}',
        timeout_s: 300,
        started_by: 'local',
        queued_at: created,
        not_before: null,
        waiting_for: null,
        started_at: created,
        finished_at: finishedDaysAgo === null ? null : at(finishedDaysAgo),
        outcome: null,
        log_lines: 0,
        verdict: null,
        finding_counts: null,
        cancel_requested_by: null,
        reattach: null,
      })
      .execute()
    await tx
      .insertInto('journal')
      .values({ execution_id: id, seq: 1, at: created, step: 'x', detail: `"${'x'.repeat(4_000)}"` })
      .execute()
  })
}

const count = async (table: 'execution' | 'journal' | 'batch' | 'metric' | 'sample' | 'finding' | 'trash') =>
  Number(
    (
      await testbase.db.read
        .selectFrom(table)
        .select((e) => e.fn.countAll().as('n'))
        .executeTakeFirst()
    )?.n,
  )

test('what is older than the limit goes, with all that hangs on it; what runs or is younger stays', async () => {
  for (let number = 1; number <= 250; number++) await addExecution(number, 40)
  await addExecution(900, 10)
  await addExecution(901, null)
  const swept = await sweepDatabase({ db: testbase.db }, new Date(now - 30 * day))
  expect(swept.executions).toBe(250)
  expect(await count('execution')).toBe(2)
  expect(await count('journal')).toBe(2)
  expect(await count('batch')).toBe(2)
})

test('what can still come back stays in the trash, however old it is', async () => {
  const of = {
    node_id: node,
    agent_id: 'a' as never,
    execution_id: 'exe' as never,
    aid: 'a',
    removed_by: 'local',
  }
  const thing = {
    type: 'file.remove',
    object: 'file:/a',
    title: 'a',
    body: '{}',
    bytes: 0,
    until: at(80),
  } as const
  const entries = [
    ['kept', 90],
    ['restored', 90],
    ['gone', 90],
    ['gone', 10],
  ] as const
  for (const [number, [state, days]] of entries.entries()) {
    const row = { id: `tra_${number}` as never, ...of, ...thing, removed_at: at(days), state }
    await testbase.db.write((tx) => tx.insertInto('trash').values(row).execute())
  }
  await sweepDatabase({ db: testbase.db }, new Date(now - 30 * day))
  expect(await count('trash')).toBe(2)
  const left = await testbase.db.read.selectFrom('trash').select('state').orderBy('id').execute()
  expect(left.map(({ state }) => state)).toEqual(['kept', 'gone'])
})

test('the space comes back to the disk', async () => {
  const unused = await testDatabase()
  await unused.db.close()
  const least = (await stat(`${unused.folder}/core.db`)).size
  await unused.close()
  for (let number = 1; number <= 250; number++) await addExecution(number, 40)
  const file = `${testbase.folder}/core.db`
  await sweepDatabase({ db: testbase.db }, new Date(now - 30 * day))
  await testbase.db.close()
  expect((await stat(file)).size - least).toBeLessThan(100_000)
})

test('metrics and samples keep what is young, of every series', async () => {
  const series = ['cpu', 'disk']
  await testbase.db.write(async (tx) => {
    for (const name of series) {
      for (let days = 0; days < 60; days++) {
        await tx
          .insertInto('metric')
          .values({ node_id: node, name, labels: '{}', at: at(days), value: days, unit: '%' })
          .execute()
        await tx
          .insertInto('sample')
          .values({ node_id: node, agent_id: 'a' as never, key: name, at: at(days), value: '1' })
          .execute()
      }
    }
  })
  const swept = await sweepDatabase({ db: testbase.db }, new Date(now - 30 * day))
  expect(swept).toMatchObject({ metrics: 58, samples: 58 })
  const oldest = await testbase.db.read
    .selectFrom('metric')
    .select(['name', (e) => e.fn.min('at').as('oldest')])
    .groupBy('name')
    .execute()
  expect(oldest).toEqual(series.map((name) => ({ name, oldest: at(30) })))
})

test('a sweep that is called off stops between two steps', async () => {
  for (let number = 1; number <= 5; number++) await addExecution(number, 40)
  await sweepDatabase({ db: testbase.db, signal: AbortSignal.abort() }, new Date(now - 30 * day))
  expect(await count('execution')).toBe(5)
})
