import { describe, expect, test } from 'vitest'
import { findConflicts, type Load, type MovableLoad, shiftTiming, spread } from './conflicts.ts'
import type { Timing } from './occurrences.ts'

const minute = 60_000
const day = 1_440 * minute
const noLimits = { dayNanoUsd: null, monthNanoUsd: null }

/** Runs at so many minutes of each of three days, on one node, ten minutes each. */
const load = (id: string, atMinute: number, changed: Partial<Load> = {}): Load => ({
  id,
  nodeIds: ['nas'],
  usualMs: 10 * minute,
  costNanoUsd: 0,
  runs: [0, 1, 2].map((of) => of * day + atMinute * minute),
  perDay: [1, 1, 1],
  ...changed,
})
const conflicts = (loads: Load[], limits = noLimits) => findConflicts(loads, limits, 0)
const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
const elsewhere = (count: number, atMinute: number) =>
  ids.slice(0, count).map((id) => load(id, atMinute, { nodeIds: [id] }))

describe('overlaps', () => {
  const cases: [name: string, loads: Load[], times: number][] = [
    ['at the same time on the same node', [load('a', 0), load('b', 0)], 3],
    ['while the other still runs', [load('a', 0), load('b', 9)], 3],
    ['when the other has just ended', [load('a', 0), load('b', 10)], 0],
    ['on another node', [load('a', 0), load('b', 0, { nodeIds: ['pi'] })], 0],
    ['by a run over midnight', [load('a', 1_435), load('b', 2)], 2],
    ['of one alone that is slow', [load('a', 0, { runs: [0, minute] })], 0],
  ]
  test.each(cases)('%s', (_, loads, times) => {
    const found = conflicts(loads)
    expect(found[0] && 'times' in found[0] ? found[0].times : 0).toBe(times)
  })

  test('are told once for two schedules, with all nodes and the first time', () => {
    const both = { nodeIds: ['nas', 'pi'] }
    expect(conflicts([load('a', 5, both), load('b', 0, both)])).toEqual([
      { kind: 'overlap', ids: ['a', 'b'], nodeIds: ['nas', 'pi'], at: 5 * minute, times: 3 },
    ])
  })
})

describe('pile-ups', () => {
  test('begin with five in the same minute', () => {
    expect(conflicts(elsewhere(4, 0))).toEqual([])
    expect(conflicts(elsewhere(5, 0))).toEqual([{ kind: 'pile-up', ids: ids.slice(0, 5), at: 0, times: 3 }])
  })
})

describe('budgets', () => {
  const dear = load('a', 0, { costNanoUsd: 40 })
  const cases: [name: string, limits: typeof noLimits | object, told: string[]][] = [
    ['without limits', noLimits, []],
    ['within them', { dayNanoUsd: 40, monthNanoUsd: 120 }, []],
    ['over that of a day', { dayNanoUsd: 39, monthNanoUsd: null }, ['day']],
    ['over that of a month', { dayNanoUsd: 40, monthNanoUsd: 119 }, ['month']],
    ['that allow nothing', { dayNanoUsd: 0, monthNanoUsd: 0 }, ['day', 'month']],
  ]
  test.each(cases)('%s', (_, limits, told) => {
    const found = conflicts([dear], limits as typeof noLimits)
    expect(found.map((one) => (one.kind === 'budget' ? one.limit : one.kind))).toEqual(told)
  })
})

describe('the same times, moved', () => {
  const cron = (text: string): Timing => ({ kind: 'cron', cron: text })
  const cases: [Timing, number, Timing | null][] = [
    [cron('0 0 * * *'), 10, cron('10 0 * * *')],
    [cron('55 2 * * SUN'), 10, cron('5 3 * * SUN')],
    [cron('@daily'), 65, cron('5 1 * * *')],
    [cron('50 23 * * *'), 10, null],
    [cron('5 0 * * *'), -10, null],
    [cron('0 8-18/2 * * *'), 10, cron('10 8-18/2 * * *')],
    [cron('0 * * * *'), 60, null],
    [cron('*/15 * * * *'), 5, null],
    [cron('0,30 4 * * *'), 5, null],
    [{ kind: 'once', at: '2026-12-31T23:55' }, 10, { kind: 'once', at: '2027-01-01T00:05' }],
    [
      { kind: 'interval', everyMinutes: 90, from: '2026-01-01T00:00:00.000Z' },
      -5,
      { kind: 'interval', everyMinutes: 90, from: '2025-12-31T23:55:00.000Z' },
    ],
  ]
  test.each(cases)('%j by %d', (timing, by, moved) => {
    expect(shiftTiming(timing, by)).toEqual(moved)
  })
})

describe('spread', () => {
  const movable = (one: Load, isPinned = false): MovableLoad => ({
    ...one,
    runsMoved: (by) => (isPinned ? null : one.runs.map((at) => at + by * minute)),
  })
  const moved = (loads: MovableLoad[]) => Object.fromEntries(spread(loads))

  test('leaves alone what is in nobody’s way', () => {
    expect(moved([movable(load('a', 0)), movable(load('b', 10))])).toEqual({})
  })

  test('lets the first one stay, and moves the others as little as it can', () => {
    expect(moved(['a', 'b', 'c'].map((id) => movable(load(id, 0))))).toEqual({ b: 10, c: 20 })
  })

  test('goes around what cannot be moved, and around what was in nobody’s way', () => {
    const loads = [movable(load('a', 0)), movable(load('b', 0), true), movable(load('c', 15))]
    expect(moved(loads)).toEqual({ a: 25 })
    const free = [movable(load('a', 0), true), movable(load('b', 0)), movable(load('c', 10))]
    expect(moved(free)).toEqual({ b: 20 })
  })

  test('takes a pile-up apart, and makes no other one', () => {
    const loads = elsewhere(7, 0).map((one) => movable(one))
    const moves = spread(loads)
    expect(Object.fromEntries(moves)).toEqual({ e: 5, f: 5, g: 5 })
    const after = loads.map((one) => ({
      ...one,
      runs: one.runs.map((at) => at + (moves.get(one.id) ?? 0) * minute),
    }))
    expect(conflicts(after)).toEqual([])
  })

  test('of what never fits stays as it is', () => {
    const long = { usualMs: 5 * 60 * minute }
    expect(moved([movable(load('a', 300, long)), movable(load('b', 300, long))])).toEqual({})
  })

  test('of many is quick', () => {
    const loads = Array.from({ length: 300 }, (_, index) =>
      movable(
        load(`s${String(index).padStart(3, '0')}`, 0, { nodeIds: [`n${index % 30}`], usualMs: minute }),
      ),
    )
    const start = performance.now()
    const moves = spread(loads)
    expect(performance.now() - start).toBeLessThan(1_000)
    expect(moves.size).toBeGreaterThan(250)
  })
})
