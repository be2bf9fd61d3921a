import { describe, expect, test } from 'vitest'
import type { LogEntry } from '../../../contract/executions.ts'
import { createLogStore } from './log-store.ts'
import { toRows } from './rows.ts'

const entryOf = (seq: number, more: Partial<LogEntry> = {}): LogEntry => ({
  seq,
  at: '2026-03-01T12:00:00.000Z',
  stream: 'out',
  level: 'info',
  text: `line ${seq}`,
  message: null,
  ...more,
})
const range = (from: number, to: number, more: Partial<LogEntry> = {}) =>
  Array.from({ length: to - from + 1 }, (_, at) => entryOf(from + at, more))

describe('entries', () => {
  test('an entry that comes twice is one', () => {
    const store = createLogStore()
    store.add(range(1, 10))
    store.add(range(5, 12))
    expect(store.seenCount()).toBe(12)
    expect(store.lastSeq()).toBe(12)
    expect(store.firstMissing(1, 12)).toBeNull()
  })

  test('what never came is missing, wherever it lies', () => {
    const store = createLogStore()
    store.add(range(1, 600))
    store.add(range(1_201, 1_300))
    expect(store.firstMissing(1, 1_300)).toBe(601)
    expect(store.firstMissing(1_201, 1_300)).toBeNull()
    store.add(range(601, 1_200))
    expect(store.firstMissing(1, 1_300)).toBeNull()
  })

  test('a log that is known to be longer has places for what is to come, and none beyond its end', () => {
    const store = createLogStore()
    store.add(range(1, 3))
    store.reach(5)
    expect(store.lastSeq()).toBe(5)
    expect(store.firstMissing(1, 99)).toBe(4)
    store.add(range(4, 5))
    expect(store.firstMissing(1, 99)).toBeNull()
  })

  test('its end is told once', () => {
    const store = createLogStore()
    let told = 0
    store.subscribe(() => (told += 1))
    store.end(0)
    store.end(0)
    expect(store.isComplete()).toBe(true)
    expect(told).toBe(1)
  })
})

describe('bounds', () => {
  test('half a million entries leave no more in memory than is allowed', () => {
    const store = createLogStore({ mostBytes: 5_000_000 })
    for (let from = 1; from <= 500_000; from += 500) store.add(range(from, from + 499))
    expect(store.heldBytes()).toBeLessThanOrEqual(5_000_000)
    expect(store.seenCount()).toBe(500_000)
    expect(store.entry(500_000)?.text).toBe('line 500000')
    expect(store.entry(1)).toBeUndefined()
    expect(store.firstMissing(1, 500)).toBe(1)
  })

  test('what is on the screen is never let go of', () => {
    const store = createLogStore({ mostBytes: 1_000_000 })
    store.add(range(1, 500))
    store.show(1, 60)
    for (let from = 501; from <= 50_000; from += 500) store.add(range(from, from + 499))
    expect(store.firstMissing(1, 60)).toBeNull()
    expect(store.entry(10_000)).toBeUndefined()
  })

  test('what was let go of and comes again is counted once', () => {
    const store = createLogStore({ mostBytes: 200_000 })
    for (let from = 1; from <= 5_000; from += 500) store.add(range(from, from + 499))
    store.show(1, 10)
    store.add(range(1, 500))
    expect(store.entry(1)?.seq).toBe(1)
    expect(store.seenCount()).toBe(5_000)
  })
})

describe('the lines that a filter leaves', () => {
  const store = createLogStore()
  store.add([
    entryOf(1),
    entryOf(2, { stream: 'err', level: 'warn' }),
    entryOf(3, { stream: 'gap', level: 'warn' }),
    entryOf(4, { stream: 'agent', level: 'error' }),
    entryOf(8, { stream: 'err' }),
  ])

  const shown = (filter: Parameters<typeof toRows>[1]) => {
    const rows = toRows(store, filter)
    return Array.from({ length: rows.count }, (_, place) => {
      const row = rows.at(place)
      return row.kind === 'entry' ? row.seq : `${row.from}–${row.to}`
    })
  }

  test.each([
    ['no filter: every number has its line', {}, [1, 2, 3, 4, 5, 6, 7, 8]],
    ['a level and those above, with what was not looked at in one line', { level: 'warn' }, [2, 3, 4, '5–7']],
    ['one stream, and what was left out', { stream: 'err' }, [2, 3, '5–7', 8]],
    ['both', { stream: 'agent', level: 'error' }, [3, 4, '5–7']],
  ] as const)('%s', (_what, filter, lines) => {
    expect(shown(filter)).toEqual(lines)
  })

  test('a hidden line leads to the next one that is shown', () => {
    const rows = toRows(store, { stream: 'err' })
    expect(rows.at(rows.placeOf(1))).toEqual({ kind: 'entry', seq: 2 })
    expect(rows.at(rows.placeOf(8))).toEqual({ kind: 'entry', seq: 8 })
    expect(rows.placeOf(100)).toBe(3)
  })
})
