import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Events } from '../../contract/events.ts'
import { anna } from '../../testbed/node-floor.ts'
import { type ScheduleFloor, scheduleFloor } from '../../testbed/schedule-floor.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

let floor: ScheduleFloor
let overdue: Events['schedule.overdue'][]

beforeEach(async () => {
  floor = await scheduleFloor()
  await floor.addNode('nas')
  floor.queue.start()
  await floor.schedules.start()
  overdue = []
  floor.events.on('schedule.overdue', 'test', (event) => void overdue.push(event))
})
afterEach(() => floor.close())

const endAll = async () => {
  for (const { end } of floor.begun.splice(0)) await end('failed')
}
const executions = async () => (await floor.executions.list({ limit: 200 })).items

describe('what is due', () => {
  test('starts in its minute, as a click would, in the name of its schedule', async () => {
    const { id, nextAt } = await floor.create({ name: 'Morning' })
    expect(nextAt).toBe('2026-03-01T12:00:00.000Z')
    await floor.pass(1)
    expect(await floor.told(id)).toEqual(['ran'])
    const [execution] = await executions()
    expect(execution).toMatchObject({ startedBy: 'schedule:Morning', nodeName: 'nas' })
    expect(await floor.done()).toContain('execution.queued')
    const { items } = await floor.schedules.occurrences(id, { limit: 1 })
    expect(items[0]).toMatchObject({ batchId: execution?.batchId, executions: { total: 1, active: 1 } })
  })

  test('starts on every node that the words mean at that time', async () => {
    const { id } = await floor.create({ targets: ['docker-*'], timing: { kind: 'cron', cron: '5 12 * * *' } })
    await floor.addNode('docker-1')
    await floor.addNode('docker-2')
    await floor.pass(5 * minute)
    const { items } = await floor.schedules.occurrences(id, { limit: 1 })
    expect(items[0]?.executions.total).toBe(2)
  })

  test('is put off by its jitter, and is known by its time all the same', async () => {
    const { id } = await floor.create({ jitterS: 600, timing: { kind: 'cron', cron: '10 12 * * *' } })
    await floor.pass(21 * minute)
    const { items } = await floor.schedules.occurrences(id, { limit: 1 })
    expect(items[0]).toMatchObject({ at: '2026-03-01T12:10:00.000Z', state: 'ran' })
    expect(items[0]?.settledAt ?? '').toMatch(/^2026-03-01T12:[12]/)
  })

  test('once is once', async () => {
    const { id } = await floor.create({ timing: { kind: 'once', at: '2026-03-01T12:01' } })
    await floor.pass(5 * minute)
    expect(await floor.told(id)).toEqual(['ran'])
    expect(await floor.schedules.get(id)).toMatchObject({ nextAt: null, standing: 'ended' })
  })

  test('that cannot start is missed, with the reason, and somebody hears of it', async () => {
    const { id } = await floor.create({ targets: ['nobody'] })
    await floor.pass(1)
    const { items } = await floor.schedules.occurrences(id, { limit: 1 })
    expect(items[0]).toMatchObject({ state: 'missed', reason: 'refused', detail: 'Nothing matches nobody.' })
    expect(overdue).toMatchObject([{ scheduleId: id, reason: 'refused' }])
    expect(floor.noted).toEqual([
      { kind: 'schedule.overdue', key: `schedule/${id}`, page: `/schedules/${id}`, states: ['missed'] },
    ])
    expect(await floor.schedules.get(id)).toMatchObject({ standing: 'overdue' })
  })

  test('is refused on a full disk, and goes on when there is room', async () => {
    const { id } = await floor.create()
    floor.fillDisk()
    await floor.pass(1)
    expect(await floor.told(id)).toEqual(['missed (refused)'])
  })

  test('does not start while it is paused, nor is made up for afterwards', async () => {
    const { id } = await floor.create({ paused: true })
    await floor.pass(10 * minute + 1)
    expect(await floor.told(id)).toEqual([])
    await floor.schedules.change(id, { paused: false }, anna)
    await floor.pass(minute)
    expect(await floor.told(id)).toEqual(['ran'])
  })
})

describe('while the run before goes on', () => {
  test('skip leaves it out', async () => {
    const { id } = await floor.create()
    await floor.pass(2 * minute + 1)
    expect(await floor.told(id)).toEqual(['ran', 'skipped (overlap)', 'skipped (overlap)'])
  })

  test('queue lets one wait, which does for all behind it, and starts when there is room', async () => {
    const { id } = await floor.create({ overlap: 'queue' })
    await floor.pass(3 * minute + 1)
    expect(await floor.told(id)).toEqual([
      'ran',
      'waiting (overlap)',
      'merged (behind-waiting)',
      'merged (behind-waiting)',
    ])
    await endAll()
    await floor.pass(30_000)
    expect((await floor.told(id))[1]).toBe('late (waited)')
    expect(floor.begun).toHaveLength(1)
  })

  test('one that waits for an hour is told of, once', async () => {
    await floor.create({ overlap: 'queue', timing: { kind: 'cron', cron: '0,5 12 * * *' } })
    await floor.pass(90 * minute)
    expect(overdue.map(({ reason }) => reason)).toEqual(['overlap'])
  })

  test('parallel runs both', async () => {
    const { id } = await floor.create({ overlap: 'parallel' })
    await floor.pass(minute + 1)
    expect(await floor.told(id)).toEqual(['ran', 'ran'])
  })
})

describe('a server that was off over three days', () => {
  const daily = { kind: 'cron', cron: '30 12 * * *' } as const

  test('makes up for all with one run', async () => {
    const { id } = await floor.create({ timing: daily })
    await floor.away(3 * day)
    expect(await floor.told(id)).toEqual(['missed (too-old)', 'missed (too-old)', 'late (server-off)'])
    expect(await executions()).toHaveLength(1)
  })

  test('makes up for nothing where that was said, and does not keep still about it', async () => {
    const { id } = await floor.create({
      timing: daily,
      catchUp: { policy: 'skip', withinHours: 24, most: 5 },
    })
    await floor.away(3 * day)
    expect(await floor.told(id)).toEqual(Array(3).fill('missed (server-off)'))
    expect(overdue).toHaveLength(3)
  })

  test('makes up for each, one after another', async () => {
    const { id } = await floor.create({
      timing: daily,
      catchUp: { policy: 'all', withinHours: 96, most: 5 },
    })
    await floor.away(3 * day)
    expect(await floor.told(id)).toEqual(['late (server-off)', 'waiting (overlap)', 'waiting (overlap)'])
    for (let turn = 0; turn < 2; turn++) {
      await endAll()
      await floor.pass(30_000)
    }
    expect(await floor.told(id)).toEqual(['late (server-off)', 'late (waited)', 'late (waited)'])
  })

  test('keeps the record of what ran every minute bounded', async () => {
    const { id } = await floor.create({ overlap: 'parallel', timing: { kind: 'cron', cron: '1-59 * * * *' } })
    await floor.away(3 * day + minute)
    const { items } = await floor.schedules.occurrences(id, { limit: 200 })
    expect(items[0]).toMatchObject({ state: 'ran' })
    const rows = await floor.db.read.selectFrom('occurrence').select(['count']).orderBy('at').execute()
    expect(rows).toHaveLength(1_001)
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(3 * 24 * 59 + 1)
  })

  test('starts nothing twice when it was only away for a moment', async () => {
    const { id } = await floor.create()
    await floor.pass(1)
    await floor.away(10_000)
    await floor.away(10_000)
    expect(await floor.told(id)).toEqual(['ran'])
  })
})

describe('a clock that is set', () => {
  const hourly = { kind: 'cron', cron: '0 * * * *' } as const

  test('back by an hour runs nothing twice', async () => {
    const { id } = await floor.create({ timing: hourly, overlap: 'parallel' })
    await floor.pass(hour + 1)
    expect(await floor.told(id)).toEqual(['ran', 'ran'])
    floor.clock.jump(-hour)
    await floor.pass(hour + minute)
    expect(await floor.told(id)).toEqual(['ran', 'ran'])
    await floor.pass(hour)
    expect(await floor.told(id)).toEqual(['ran', 'ran', 'ran'])
  })

  test('forward by an hour makes up for what it leapt over', async () => {
    const { id } = await floor.create({ timing: hourly, overlap: 'parallel' })
    await floor.pass(minute)
    floor.clock.jump(hour + 10 * minute)
    await floor.pass(minute)
    expect(await floor.told(id)).toEqual(['ran', 'late (server-off)'])
  })

  test('to another year and back keeps every run to come', async () => {
    const { id } = await floor.create({ timing: hourly, overlap: 'parallel' })
    await floor.pass(minute)
    floor.clock.jump(365 * day)
    await floor.pass(minute)
    floor.clock.jump(-365 * day)
    await floor.pass(3 * hour)
    const { items } = await floor.schedules.occurrences(id, { limit: 200 })
    const thisYear = items
      .filter(({ at }) => at < '2026-12')
      .map(({ at, state }) => `${at.slice(11, 16)} ${state}`)
    expect(thisYear).toEqual(['15:00 ran', '14:00 ran', '13:00 ran', '12:00 ran'])
  })

  test('to 1970 waits until it is set', async () => {
    const { id } = await floor.create({ timing: hourly, overlap: 'parallel' })
    await floor.pass(minute)
    floor.clock.jump(-floor.clock.now().getTime())
    await floor.pass(2 * hour)
    expect(await floor.told(id)).toEqual(['ran'])
    floor.clock.jump(Date.parse('2026-03-01T13:59:00Z') - floor.clock.now().getTime())
    await floor.pass(2 * minute)
    expect(await floor.told(id)).toContain('ran')
    expect((await floor.told(id)).length).toBeGreaterThan(1)
  })
})

test('a blackout keeps what falls into it from starting, and says so', async () => {
  const { id } = await floor.create({
    timing: { kind: 'cron', cron: '0,30 * * * *' },
    blackouts: [{ days: [], from: '12:15', to: '13:15' }],
    overlap: 'parallel',
  })
  await floor.pass(2 * hour)
  expect(await floor.told(id)).toEqual(['ran', 'skipped (blackout)', 'skipped (blackout)', 'ran', 'ran'])
})

test('two servers at one database start each occurrence once', async () => {
  const { id } = await floor.create({ overlap: 'parallel', timing: { kind: 'cron', cron: '1-59 * * * *' } })
  // Nobody else looks meanwhile, so both find the same ones due.
  await floor.schedules.stop()
  await floor.clock.advance(3 * minute)
  const [one, other] = [floor.open(), floor.open()]
  await Promise.all([one.start(), other.start()])
  await floor.settled()
  await Promise.all([one.stop(), other.stop()])
  expect((await floor.told(id)).filter((state) => /ran|late/.test(state))).toHaveLength(1)
  expect(await executions()).toHaveLength(1)
})

test('a change that comes in the middle of a firing wins', async () => {
  const { id } = await floor.create()
  const [before] = await floor.db.read.selectFrom('schedule').selectAll().execute()
  await floor.schedules.change(id, { name: 'Another name' }, anna)
  const [after] = await floor.db.read.selectFrom('schedule').selectAll().execute()
  expect(after?.revision).toBe((before?.revision ?? 0) + 1)
  await floor.pass(1)
  expect((await executions())[0]?.startedBy).toBe('schedule:Another name')
})
