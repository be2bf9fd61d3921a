import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { aiCallId } from '../../contract/ids.ts'
import { createCostFloor, usualCost, usualUse, usualWorst, answered } from '../../testbed/cost-floor.ts'
import { type TestDatabase, testDatabase } from '../../testbed/database.ts'
import { systemClock } from '../lib/clock.ts'
import { serverActor } from '../lib/actor.ts'

const ledgerChild = fileURLToPath(new URL('../../testbed/ledger-child.ts', import.meta.url))
const databaseChild = fileURLToPath(new URL('../../testbed/database-child.ts', import.meta.url))

let base: TestDatabase
beforeEach(async () => {
  base = await testDatabase()
})
afterEach(() => base.close())

function start(script: string, ...args: string[]) {
  const child = spawn(process.execPath, [script, base.folder, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const nextLine = async () => String((await lines.next()).value)
  return { child, nextLine, ended: once(child, 'close') }
}

const charged = async () => {
  const rows = await base.db.read.selectFrom('ai_call').selectAll().execute()
  return { rows, total: rows.reduce((sum, row) => sum + row.charged_nano_usd, 0) }
}

test('a second server is refused on the same data folder, so only one spends', async () => {
  const second = start(databaseChild)
  expect(await second.nextLine()).toMatch(/^refused storage\.locked/)
  await second.ended
})

/** Lets four processes pay for forty calls each, all at once, where 25 fit under the limit of the month. */
async function spendTogether(what: 'spend' | 'hold') {
  const floor = await createCostFloor({ db: base.db, clock: systemClock })
  const limitNanoUsd = 25 * usualWorst
  await floor.limits.set({ limit: 'month', agentId: null, limitNanoUsd }, serverActor)
  await floor.limits.set({ limit: 'day', agentId: null, limitNanoUsd: null }, serverActor)
  const children = Array.from({ length: 4 }, () => start(ledgerChild, what, '40'))
  const denied = await Promise.all(children.map(async ({ nextLine }) => Number(await nextLine())))
  await Promise.all(children.map(({ ended }) => ended))
  const { rows, total } = await charged()
  expect(rows.length).toBe(160 - denied.reduce((sum, count) => sum + count, 0))
  expect((await floor.overview.summary()).monthNanoUsd).toBe(total)
  return { rows, total, limitNanoUsd }
}

describe('four processes that get past that lock still never go over a limit', { timeout: 60_000 }, () => {
  test('when no answer comes: what is held is exactly the limit', async () => {
    const { rows, total, limitNanoUsd } = await spendTogether('hold')
    expect(total).toBe(limitNanoUsd)
    expect(rows).toHaveLength(25)
  })
  test('when some answers come while others are still asked', async () => {
    const { rows, total, limitNanoUsd } = await spendTogether('spend')
    expect(total).toBeLessThanOrEqual(limitNanoUsd)
    expect(rows.length).toBeGreaterThanOrEqual(25)
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['settled', 'unknown']))
  })
})

test('a server that is killed between reserving and settling leaves the full amount held', async () => {
  const { child, nextLine, ended } = start(ledgerChild, 'hang')
  const id = aiCallId.parse(await nextLine())
  child.kill('SIGKILL')
  await ended
  const floor = await createCostFloor({ db: base.db, clock: systemClock })
  expect(await floor.ledger.recover()).toBe(1)
  expect(await floor.ledger.recover()).toBe(0)
  expect((await floor.calls({ limit: 1 })).items).toMatchObject([
    {
      id,
      state: 'unknown',
      chargedNanoUsd: usualWorst,
      why: expect.stringContaining('ended before') as string,
    },
  ])
  expect((await floor.overview.summary()).todayNanoUsd).toBe(usualWorst)
  // The provider's report may still come.
  expect(await floor.ledger.settle(id, usualUse, answered)).toBe(usualCost)
})

test('a batch outlives the server that sent it, until it runs out', async () => {
  const floor = await createCostFloor({ db: base.db, clock: systemClock })
  await floor.ledger.reserve(floor.call({ mode: 'batch' }))
  expect(await floor.ledger.recover()).toBe(0)
  const later = {
    ...systemClock,
    now: () => new Date(Date.now() + 49 * 3_600_000),
  }
  const after = await createCostFloor({ db: base.db, clock: later })
  expect(await after.ledger.recover()).toBe(1)
})
