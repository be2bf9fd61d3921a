import { afterEach, beforeEach, expect, test } from 'vitest'
import { anna } from '../../../testbed/node-floor.ts'
import { aSpec, type ScheduleFloor, scheduleFloor } from '../../../testbed/schedule-floor.ts'

let floor: ScheduleFloor
beforeEach(async () => {
  floor = await scheduleFloor()
  await floor.addNode('nas')
})
afterEach(() => floor.close())

const daily = (cron: string) => ({ timing: { kind: 'cron', cron } as const })
const find = () => floor.schedules.conflicts(null)

test('two at the same time on the same node are told of, moved apart, and then out of each other’s way', async () => {
  await floor.create({ name: 'First', ...daily('0 3 * * *') })
  const { id } = await floor.create({ name: 'Second', ...daily('0 3 * * *') })
  const { conflicts, moves } = await find()
  expect(conflicts).toMatchObject([
    { kind: 'overlap', nodes: ['nas'], schedules: [{ name: 'First' }, { name: 'Second' }] },
  ])
  expect(moves).toMatchObject([
    { id, name: 'Second', before: { cron: '0 3 * * *' }, after: { cron: '5 3 * * *' } },
  ])
  // Nothing was changed by looking.
  expect((await floor.schedules.get(id)).timing).toEqual({ kind: 'cron', cron: '0 3 * * *' })
  expect(await floor.schedules.spread(moves, anna)).toBe(1)
  expect((await floor.schedules.get(id)).timing).toEqual({ kind: 'cron', cron: '5 3 * * *' })
  expect(await find()).toEqual({ conflicts: [], moves: [], draft: null })
  expect(await floor.done()).toContain('schedule.changed')
})

test('what was changed meanwhile is not moved, and neither is anything beside it', async () => {
  for (const name of ['a', 'b', 'c']) await floor.create({ name, ...daily('0 3 * * *') })
  const { moves } = await find()
  const [first, second] = moves
  if (!first || !second) throw new Error('nothing to move')
  await floor.schedules.change(second.id, daily('0 4 * * *'), anna)
  await expect(floor.schedules.spread(moves, anna)).rejects.toMatchObject({
    code: 'schedule.changed_meanwhile',
  })
  expect((await floor.schedules.get(first.id)).timing).toEqual(first.before)
})

test('one that is paused, and one on another node, is in nobody’s way', async () => {
  await floor.addNode('pi')
  await floor.create({ name: 'a', targets: ['nas'], ...daily('0 3 * * *') })
  await floor.create({ name: 'b', targets: ['nas'], paused: true, ...daily('0 3 * * *') })
  await floor.create({ name: 'c', targets: ['pi'], ...daily('0 3 * * *') })
  expect((await find()).conflicts).toEqual([])
})

test('no proposal lies in a blackout', async () => {
  await floor.create({ name: 'a', ...daily('0 3 * * *') })
  await floor.create({
    name: 'b',
    ...daily('0 3 * * *'),
    blackouts: [{ days: [], from: '03:05', to: '03:30' }],
  })
  expect((await find()).moves).toMatchObject([{ name: 'b', after: { cron: '30 3 * * *' } }])
})

test('what costs more than the limit of a month allows is told of', async () => {
  // A milli-dollar each time; the month may cost a tenth of a dollar.
  await floor.create({ name: 'Daily', ...daily('10 3 * * *') })
  expect((await find()).conflicts).toEqual([])
  const { id } = await floor.create({ name: 'Often', timing: { kind: 'cron', cron: '*/20 * * * *' } })
  const over = (await find()).conflicts.find(({ kind }) => kind === 'budget')
  // Every one of them counts: 72 on each of thirty days, and one more.
  expect(over).toMatchObject({
    limit: 'month',
    likelyNanoUsd: 73 * 30 * 1_000_000,
    limitNanoUsd: 100_000_000,
  })
  await floor.schedules.change(id, { paused: true }, anna)
  expect((await find()).conflicts).toEqual([])
})

test('one that is being made hears only of its own, and what time would be free', async () => {
  await floor.create({ name: 'a', ...daily('0 3 * * *') })
  await floor.create({ name: 'b', ...daily('0 3 * * *') })
  const { timing: _, name: __, ...rest } = aSpec()
  const { zone, jitterS, blackouts, agentId, targets } = rest
  const draft = { zone, jitterS, blackouts, agentId, targets }
  const found = await floor.schedules.conflicts({ ...draft, ...daily('0 3 * * *') })
  expect(found.moves).toEqual([])
  expect(found.conflicts).toHaveLength(2)
  expect(found.conflicts[0]?.schedules).toContainEqual({ id: null, name: '' })
  expect(found.draft).toEqual({ kind: 'cron', cron: '10 3 * * *' })
  const free = await floor.schedules.conflicts({ ...draft, ...daily('30 3 * * *') })
  expect(free).toEqual({ conflicts: [], moves: [], draft: null })
})
