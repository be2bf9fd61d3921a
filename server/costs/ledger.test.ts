import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { agentId, executionId } from '../../contract/ids.ts'
import { nanoPerUsd } from '../../contract/money.ts'
import {
  answered,
  type CostFloor,
  createCostFloor,
  usualCost,
  usualUse,
  usualWorst,
} from '../../testbed/cost-floor.ts'
import { type TestDatabase, testDatabase } from '../../testbed/database.ts'
import { createFakeClock, type FakeClock } from '../../testbed/fake-clock.ts'
import { serverActor } from '../lib/actor.ts'

const anna = { ...serverActor, name: 'user:anna' }
const health = agentId.parse('system-health')
const janitor = agentId.parse('docker-janitor')
const anExecution = executionId.parse(`exe_${'0'.repeat(26)}`)
const hourMs = 3_600_000

let base: TestDatabase
let clock: FakeClock
let floor: CostFloor

beforeEach(async () => {
  clock = createFakeClock({ startsAt: '2026-11-26T12:00:00.000Z' })
  base = await testDatabase(clock)
  floor = await createCostFloor({ db: base.db, clock })
})
afterEach(() => base.close())

const limit = (kind: 'execution' | 'day' | 'month', limitNanoUsd: number | null) =>
  floor.limits.set({ limit: kind, agentId: null, limitNanoUsd }, anna)
const get = async (id: string) => {
  const { items } = await floor.calls({ limit: 200 })
  return items.find((call) => call.id === id)
}
const today = async () => (await floor.overview.summary()).todayNanoUsd

/** What the sums that limits are held against must be, counted from the calls themselves. */
async function countedFromCalls() {
  const rows = await base.db.read.selectFrom('ai_call').selectAll().execute()
  return rows.reduce((sum, row) => sum + row.charged_nano_usd, 0)
}
async function countedFromSums() {
  const rows = await base.db.read.selectFrom('ai_spend').selectAll().execute()
  return rows.reduce((sum, row) => sum + row.charged_nano_usd, 0)
}

describe('a call', () => {
  test('is reserved with the most it can cost, and settled with what it did', async () => {
    const call = floor.call()
    expect(await floor.ledger.reserve(call)).toEqual({ kind: 'reserved' })
    expect(await today()).toBe(usualWorst)
    expect(await floor.ledger.settle(call.id, usualUse, answered)).toBe(usualCost)
    expect(await today()).toBe(usualCost)
    expect(await get(call.id)).toMatchObject({
      state: 'settled',
      use: usualUse,
      requestId: 'req_1',
      reservedNanoUsd: usualWorst,
      chargedNanoUsd: usualCost,
    })
  })

  test('that is settled twice counts once', async () => {
    const id = await floor.spend()
    expect(await floor.ledger.settle(id as never, { ...usualUse, output: 4_000 }, answered)).toBe(usualCost)
    expect(await today()).toBe(usualCost)
  })

  test('that was certainly not billed gives everything back', async () => {
    const call = floor.call()
    await floor.ledger.reserve(call)
    await floor.ledger.release(call.id, '429')
    expect(await today()).toBe(0)
    expect(await get(call.id)).toMatchObject({ state: 'released', why: '429' })
  })

  test('that may have been billed stays held in full, until the bill comes', async () => {
    const call = floor.call()
    await floor.ledger.reserve(call)
    await floor.ledger.hold(call.id, 'timed out after sending')
    expect(await floor.overview.summary()).toMatchObject({
      todayNanoUsd: usualWorst,
      heldTodayNanoUsd: usualWorst,
    })
    await floor.ledger.settle(call.id, usualUse, answered)
    expect(await floor.overview.summary()).toMatchObject({ todayNanoUsd: usualCost, heldTodayNanoUsd: 0 })
  })

  test('that is settled cannot be given back', async () => {
    const id = await floor.spend()
    await floor.ledger.release(id as never, 'too late')
    await floor.ledger.hold(id as never, 'too late')
    expect(await get(id as never)).toMatchObject({ state: 'settled', chargedNanoUsd: usualCost })
  })

  test('that the model refused before a word costs nothing, and keeps its tokens', async () => {
    const call = floor.call()
    await floor.ledger.reserve(call)
    const use = { ...usualUse, output: 0 }
    expect(await floor.ledger.settle(call.id, use, { ...answered, stopReason: 'refusal' })).toBe(0)
    expect(await get(call.id)).toMatchObject({ chargedNanoUsd: 0, use, stopReason: 'refusal' })
  })

  test('of a model without a known price is charged at the dearest, and marked', async () => {
    const call = floor.call({ model: 'claude-unheard-of' })
    await floor.ledger.reserve(call)
    expect(await today()).toBe(3_550 * 8_000 + 4_000 * 40_000)
    await floor.ledger.settle(call.id, usualUse, answered)
    expect(await get(call.id)).toMatchObject({
      isPriceKnown: false,
      chargedNanoUsd: 3_550 * 8_000 + 800 * 40_000,
    })
  })

  test('of a subscription or of a model of one’s own uses nothing of the budget, and tells the list price', async () => {
    await limit('day', 0)
    const plan = floor.call({ driver: 'claude-code' })
    const own = floor.call({ driver: 'openai-compatible', model: 'qwen3' })
    for (const call of [plan, own]) {
      expect(await floor.ledger.reserve(call)).toEqual({ kind: 'reserved' })
      expect(await floor.ledger.settle(call.id, usualUse, answered)).toBe(0)
    }
    expect(await get(plan.id)).toMatchObject({ billing: 'plan', chargedNanoUsd: 0, listNanoUsd: usualCost })
    expect(await today()).toBe(0)
  })

  test('of a server that speaks as OpenAI does is charged once its model has a price', async () => {
    const tier = {
      upToPromptTokens: null,
      input: 1_000_000,
      cacheWrite5m: 0,
      cacheWrite1h: 0,
      cacheRead: 0,
      output: 0,
    }
    await floor.prices.set('qwen3', { effectiveFrom: '2026-01-01', tiers: [tier], batchPercent: 100 }, anna)
    const id = await floor.spend({ driver: 'openai-compatible', model: 'qwen3' })
    expect(await get(String(id))).toMatchObject({ billing: 'metered', chargedNanoUsd: 3_550_000 })
  })

  test('that costs more than was reserved is charged in full', async () => {
    const call = floor.call({ inputBound: 10, maxOutput: 10 })
    await floor.ledger.reserve(call)
    expect(await floor.ledger.settle(call.id, usualUse, answered)).toBe(usualCost)
  })

  test('that was never reserved is a mistake of the program', async () => {
    await expect(floor.ledger.settle(floor.call().id, usualUse, answered)).rejects.toThrow('was reserved')
  })
})

describe('a limit', () => {
  test('is ten cents an execution, one dollar a day and ten a month before anybody sets it', async () => {
    const { zone, items } = await floor.limits.list()
    expect(zone).toBe('UTC')
    expect(items.map(({ limit: kind, limitNanoUsd, isDefault }) => [kind, limitNanoUsd, isDefault])).toEqual([
      ['execution', nanoPerUsd / 10, true],
      ['day', nanoPerUsd, true],
      ['month', 10 * nanoPerUsd, true],
    ])
  })

  test('says no to what does not fit, and when it begins anew', async () => {
    await limit('day', usualWorst)
    expect(await floor.ledger.reserve(floor.call())).toEqual({ kind: 'reserved' })
    expect(await floor.ledger.reserve(floor.call())).toEqual({
      kind: 'denied',
      limit: 'day',
      limitNanoUsd: usualWorst,
      resetsAt: '2026-11-27T00:00:00.000Z',
    })
    expect((await floor.calls({ limit: 10 })).items).toHaveLength(1)
    expect((await floor.overview.summary()).reached).toMatchObject({ limit: 'day' })
  })

  test('of nothing lets nothing pass; none lets everything pass', async () => {
    await limit('day', 0)
    expect(await floor.spend()).toBeNull()
    await limit('day', null)
    await limit('month', null)
    await limit('execution', null)
    expect(await floor.spend({ model: 'claude-fable-5-2', maxOutput: 1_000_000 })).not.toBeNull()
    expect((await floor.limits.list()).items[1]).toMatchObject({ limitNanoUsd: null, isDefault: false })
  })

  test('goes back to the default', async () => {
    await limit('day', 0)
    await floor.limits.set({ limit: 'day', agentId: null }, anna)
    expect((await floor.limits.list()).items[1]).toMatchObject({ limitNanoUsd: nanoPerUsd, isDefault: true })
  })

  test('of an execution counts all of its calls, also repeated ones', async () => {
    await limit('execution', 2 * usualWorst)
    const executed = { executionId: anExecution }
    expect(await floor.ledger.reserve(floor.call(executed))).toEqual({ kind: 'reserved' })
    expect(await floor.ledger.reserve(floor.call(executed))).toEqual({ kind: 'reserved' })
    expect(await floor.ledger.reserve(floor.call(executed))).toMatchObject({
      kind: 'denied',
      limit: 'execution',
      resetsAt: null,
    })
    expect(await floor.spend()).not.toBeNull()
  })

  test('of an agent holds for its month and for nobody else', async () => {
    await floor.limits.set({ limit: 'agent', agentId: janitor, limitNanoUsd: usualWorst }, anna)
    expect(await floor.spend({ agentId: janitor })).not.toBeNull()
    expect(await floor.ledger.reserve(floor.call({ agentId: janitor }))).toMatchObject({
      kind: 'denied',
      limit: 'agent',
      resetsAt: '2026-12-01T00:00:00.000Z',
    })
    expect(await floor.spend({ agentId: health })).not.toBeNull()
    expect((await floor.limits.list()).items.at(-1)).toMatchObject({
      agentId: janitor,
      usedNanoUsd: usualCost,
    })
  })

  test('of an agent needs an agent, and others must have none', async () => {
    await expect(floor.limits.set({ limit: 'agent', agentId: null, limitNanoUsd: 1 }, anna)).rejects.toThrow(
      '',
    )
    await expect(floor.limits.set({ limit: 'day', agentId: health, limitNanoUsd: 1 }, anna)).rejects.toThrow(
      '',
    )
  })

  test('begins anew at midnight of the zone that people live in', async () => {
    await floor.limits.setZone('Europe/Berlin', anna)
    await limit('day', usualWorst)
    await floor.spend()
    expect(await floor.ledger.reserve(floor.call())).toMatchObject({ resetsAt: '2026-11-26T23:00:00.000Z' })
    await clock.advance(11 * hourMs - 1)
    expect(await floor.spend()).toBeNull()
    await clock.advance(1)
    expect(await floor.spend()).not.toBeNull()
  })

  test('of a month begins anew with the month, also over a change of the clock', async () => {
    clock.jump(Date.parse('2026-10-31T22:59:59.999Z') - clock.now().getTime())
    await floor.limits.setZone('Europe/Berlin', anna)
    await limit('month', usualWorst)
    expect(await floor.spend()).not.toBeNull()
    expect(await floor.ledger.reserve(floor.call())).toMatchObject({
      limit: 'month',
      resetsAt: '2026-10-31T23:00:00.000Z',
    })
    await clock.advance(1)
    expect(await floor.spend()).not.toBeNull()
  })

  test('counts a call on the day it was reserved, also when its bill comes after midnight', async () => {
    const call = floor.call()
    await floor.ledger.reserve(call)
    await clock.advance(13 * hourMs)
    await floor.ledger.settle(call.id, usualUse, answered)
    const { days } = await floor.overview.spending(2)
    expect(days).toEqual([
      { day: '2026-11-26', nanoUsd: usualCost },
      { day: '2026-11-27', nanoUsd: 0 },
    ])
  })

  test('is not won back by a clock that is set back', async () => {
    await limit('day', usualWorst)
    await floor.spend()
    clock.jump(-2 * hourMs)
    expect(await floor.spend()).toBeNull()
  })

  test('leaves a line of the audit trail with before and after', async () => {
    await limit('day', 5)
    await floor.limits.setZone('Europe/Berlin', anna)
    const { items } = await floor.audit.list({ limit: 10 })
    expect(items).toMatchObject([
      {
        action: 'budget.zone-changed',
        actor: 'user:anna',
        detail: { before: 'UTC', after: 'Europe/Berlin' },
      },
      { action: 'budget.changed', target: 'day', detail: { before: nanoPerUsd, after: 5 } },
    ])
  })
})

describe('people hear', () => {
  test('of 50, 80 and 100 per cent, once in each period', async () => {
    await limit('month', null)
    await limit('day', 20 * usualCost)
    for (let call = 0; call < 20; call++) await floor.spend()
    expect(floor.reached).toEqual([
      { limit: 'day', percent: 50 },
      { limit: 'day', percent: 80 },
      { limit: 'day', percent: 100 },
    ])
    await clock.advance(24 * hourMs)
    for (let call = 0; call < 12; call++) await floor.spend()
    expect(floor.reached.slice(3)).toEqual([{ limit: 'day', percent: 50 }])
    const { items } = await floor.audit.list({ limit: 50, action: 'budget.reached' })
    expect(items).toHaveLength(4)
  })

  test('anew after the limit was changed', async () => {
    await limit('day', usualWorst)
    await floor.spend()
    await floor.spend()
    await limit('day', 2 * usualWorst)
    expect((await floor.overview.summary()).reached).toBeNull()
  })

  test('nothing of what only was reserved', async () => {
    await limit('day', usualWorst)
    await floor.ledger.reserve(floor.call())
    expect(floor.reached).toEqual([])
  })
})

test('20 parallel calls near a limit never go over it', async () => {
  await limit('day', 7 * usualWorst)
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => floor.ledger.reserve(floor.call())))
  expect(outcomes.filter(({ kind }) => kind === 'reserved')).toHaveLength(7)
  expect(await countedFromCalls()).toBe(7 * usualWorst)
})

test('the sums that limits look at are those of the calls, whatever happens to them', async () => {
  // A fixed sequence that looks random (numerical recipes).
  let seed = 20_261_126
  const random = (below: number) => (seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32) % below
  const ids = []
  for (let step = 0; step < 150; step++) {
    const call = floor.call({ agentId: [health, janitor, null][random(3)] ?? null })
    if (random(2) === 0 && (await floor.ledger.reserve(call)).kind === 'reserved') ids.push(call.id)
    const id = ids[random(ids.length || 1)]
    if (id === undefined) continue
    if (random(3) === 0) await floor.ledger.settle(id, { ...usualUse, output: random(4_000) }, answered)
    else if (random(2) === 0) await floor.ledger.release(id, 'x')
    else await floor.ledger.hold(id, 'x')
    if (random(10) === 0) await clock.advance(7 * hourMs)
  }
  expect(await countedFromSums()).toBe(await countedFromCalls())
  expect(await countedFromCalls()).toBeGreaterThan(0)
  const held = await base.db.read.selectFrom('ai_spend').selectAll().execute()
  const unsettled = (await floor.calls({ limit: 200 })).items.filter(({ state }) =>
    /reserved|unknown/.test(state),
  )
  expect(held.reduce((sum, row) => sum + row.held_nano_usd, 0)).toBe(
    unsettled.reduce((sum, call) => sum + call.chargedNanoUsd, 0),
  )
})

describe('a bill that nobody knows', () => {
  const held = async () => {
    const call = floor.call()
    await floor.ledger.reserve(call)
    await floor.ledger.hold(call.id, 'timed out')
    return call.id
  }
  test('is settled by whoever looked at that of the provider', async () => {
    expect(await floor.ledger.resolve(await held(), true, anna)).toMatchObject({
      state: 'settled',
      chargedNanoUsd: usualWorst,
    })
    expect(await floor.ledger.resolve(await held(), false, anna)).toMatchObject({
      state: 'released',
      chargedNanoUsd: 0,
    })
    const { items } = await floor.audit.list({ limit: 10, action: 'call.resolved' })
    expect(items).toHaveLength(2)
  })
  test('is refused where it is known', async () => {
    const id = await floor.spend()
    await expect(floor.ledger.resolve(id as never, false, anna)).rejects.toMatchObject({
      code: 'call.not_held',
    })
    await expect(floor.ledger.resolve(floor.call().id, false, anna)).rejects.toMatchObject({
      code: 'call.not_found',
    })
  })
})

describe('a price that was mistyped', () => {
  const wrong = {
    effectiveFrom: '2026-11-01',
    // 100 dollars instead of 10 cents.
    tiers: [
      {
        upToPromptTokens: null,
        input: 100_000_000,
        cacheWrite5m: 0,
        cacheWrite1h: 0,
        cacheRead: 0,
        output: 500_000_000,
      },
    ],
    batchPercent: 50,
  }
  test('blocks calls until it is corrected and the ledger is computed anew', async () => {
    await floor.spend()
    await limit('execution', null)
    await floor.prices.set('claude-haiku-5-5', wrong, anna)
    await limit('day', 5 * nanoPerUsd)
    const held = floor.call()
    await floor.ledger.reserve(held)
    await floor.ledger.hold(held.id, 'timed out')
    expect(await floor.spend({ maxOutput: 800 })).not.toBeNull()
    await limit('day', nanoPerUsd)
    expect(await floor.spend()).toBeNull()

    expect(await floor.prices.reset('claude-haiku-5-5', anna)).toBe(1)
    expect(await floor.spend(), 'the wrong amounts still stand').toBeNull()
    expect(await floor.recost(anna)).toMatchObject({
      looked: 3,
      changed: 2,
      afterNanoUsd: 2 * usualCost + usualWorst,
    })
    expect(await floor.spend()).not.toBeNull()
    expect(await countedFromSums()).toBe(await countedFromCalls())
    expect(await floor.recost(anna), 'a second time nothing changes').toMatchObject({ changed: 0 })
    const { items } = await floor.audit.list({ limit: 50 })
    expect(items.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['price.changed', 'price.reset', 'costs.recosted']),
    )
  })

  test('does not change what was certainly not billed', async () => {
    const call = floor.call()
    await floor.ledger.reserve(call)
    await floor.ledger.release(call.id, '404')
    await floor.prices.set('claude-haiku-5-5', wrong, anna)
    expect(await floor.recost(anna)).toMatchObject({ looked: 1, changed: 0, afterNanoUsd: 0 })
  })
})

describe('an estimate', () => {
  test('says about, at most, and nothing if quiet', async () => {
    expect(await floor.estimate({ agentId: health })).toMatchObject({
      isAiOn: true,
      likelyNanoUsd: 755_000,
      mostNanoUsd: 2_355_000,
      atLeastNanoUsd: 0,
      learntFrom: 0,
    })
  })
  test('is learnt from the last calls of the agent, else from those of all', async () => {
    for (let call = 0; call < 3; call++)
      await floor.spend({ agentId: janitor }, { ...usualUse, output: 3_000 })
    expect(await floor.estimate({ agentId: health })).toMatchObject({
      likelyNanoUsd: 1_855_000,
      learntFrom: 3,
    })
    await floor.spend({ agentId: health })
    expect(await floor.estimate({ agentId: health })).toMatchObject({ likelyNanoUsd: 755_000, learntFrom: 1 })
  })
  test('is nothing while no model is chosen, and nothing more for what is paid anyway', async () => {
    const off = await createCostFloor({ db: base.db, clock, chosen: () => ({ driver: 'none', model: null }) })
    expect(await off.estimate({ agentId: health })).toMatchObject({ isAiOn: false, mostNanoUsd: 0 })
    const plan = await createCostFloor({
      db: base.db,
      clock,
      chosen: () => ({ driver: 'claude-code', model: 'claude-haiku-5-5' }),
    })
    expect(await plan.estimate({ agentId: health })).toMatchObject({
      isAiOn: true,
      billing: 'plan',
      mostNanoUsd: 0,
    })
  })
  test('of tokens is learnt for each version of the prompt', async () => {
    const measured = { inputChars: 7_100, promptVersion: '1' }
    for (let call = 0; call < 5; call++) await floor.spend(measured)
    const asked = { driver: 'anthropic', model: 'claude-haiku-5-5', chars: 710 } as const
    expect(await floor.ledger.tokensOf({ ...asked, promptVersion: '1' })).toEqual({
      likely: 355,
      bound: 373,
      isCalibrated: true,
    })
    expect(await floor.ledger.tokensOf({ ...asked, promptVersion: '2' })).toMatchObject({
      isCalibrated: false,
    })
  })
})

describe('the overview', () => {
  test('tells the spending by day, agent, node and model', async () => {
    await floor.spend({ agentId: health })
    await clock.advance(24 * hourMs)
    await floor.spend({ agentId: janitor })
    await floor.spend({ agentId: janitor, model: 'claude-opus-5-5', executionId: anExecution })
    const spending = await floor.overview.spending(3)
    expect(spending).toMatchObject({ from: '2026-11-25', to: '2026-11-27', calls: 3 })
    expect(spending.days.map(({ nanoUsd }) => nanoUsd > 0)).toEqual([false, true, true])
    expect(spending.byAgent.map(({ agentId: id, calls }) => [id, calls])).toEqual([
      [janitor, 2],
      [health, 1],
    ])
    expect(spending.byModel.map(({ model }) => model)).toEqual(['claude-opus-5-5', 'claude-haiku-5-5'])
    const sum = spending.days.reduce((total, { nanoUsd }) => total + nanoUsd, 0)
    expect(spending.totalNanoUsd).toBe(sum)
  })

  test('forecasts the month from three days on', async () => {
    for (let day = 0; day < 3; day++) {
      expect((await floor.overview.spending(30)).forecast).toBeNull()
      await floor.spend()
      await clock.advance(24 * hourMs)
    }
    expect((await floor.overview.spending(30)).forecast).toMatchObject({
      days: 3,
      likelyNanoUsd: 5 * usualCost,
    })
  })

  test('counts what was saved by runs that asked nobody', async () => {
    const saving = { agentId: health, driver: 'anthropic', model: 'claude-haiku-5-5' } as const
    await floor.ledger.noteSaving({ ...saving, reason: 'quiet' })
    await floor.ledger.noteSaving({ ...saving, reason: 'quiet' })
    await floor.ledger.noteSaving({ ...saving, reason: 'batched', nanoUsd: 5 })
    expect((await floor.overview.spending(1)).savings).toEqual([
      { reason: 'quiet', runs: 2, nanoUsd: 2 * usualCost },
      { reason: 'batched', runs: 1, nanoUsd: 5 },
    ])
  })

  test('comes as CSV that a spreadsheet does not run', async () => {
    await floor.spend({ model: '=HYPERLINK("http://evil")' })
    const { body, fileName } = await floor.csv(2)
    const text = (await body.toArray()).join('')
    expect(fileName).toBe('costs-2026-11-25-2026-11-26.csv')
    const [head, line, end] = text.split('\r\n')
    expect(head?.split(',')).toContain('charged_usd')
    expect(line).toContain(`"'=HYPERLINK(""http://evil"")"`)
    expect(line).toContain('0.060400000')
    expect(end).toBe('')
  })
})

test('pages of calls follow each other without a gap', async () => {
  for (let call = 0; call < 5; call++) {
    await floor.spend()
    await clock.advance(1)
  }
  const first = await floor.calls({ limit: 3 })
  const second = await floor.calls({ limit: 3, cursor: first.nextCursor ?? '' })
  expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(5)
  expect(second.nextCursor).toBeNull()
})
