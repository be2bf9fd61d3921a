import { expect, test } from 'vitest'
import { lastHour, nextHour, toKeep } from './keep.ts'

const nightly = (from: string, days: number) =>
  Array.from({ length: days }, (_, day) => {
    const at = new Date(Date.parse(from) - day * 86_400_000)
    return { name: at.toISOString().slice(0, 10), at }
  })

test('of a year of nights the last seven days, four weeks and six months stay', () => {
  const kept = toKeep(nightly('2026-11-27T02:00:00Z', 365))
  expect([...kept].sort().reverse()).toEqual([
    '2026-11-27',
    '2026-11-26',
    '2026-11-25',
    '2026-11-24',
    '2026-11-23',
    '2026-11-22',
    '2026-11-21',
    // The Sundays that end the weeks before.
    '2026-11-15',
    '2026-11-08',
    // The last nights of months.
    '2026-10-31',
    '2026-09-30',
    '2026-08-31',
    '2026-07-31',
    '2026-06-30',
  ])
})

test.each([
  [
    'of several on one day the newest stays',
    ['2026-11-27T02:00:00Z', '2026-11-27T09:00:00Z'],
    ['2026-11-27T09:00:00Z'],
  ],
  ['a single old one stays, however old', ['2020-01-01T02:00:00Z'], ['2020-01-01T02:00:00Z']],
  ['of none, none', [], []],
  [
    'days without one do not count: a server that was off for weeks loses nothing',
    ['2026-11-27T02:00:00Z', '2026-09-03T02:00:00Z', '2026-09-02T02:00:00Z'],
    ['2026-11-27T02:00:00Z', '2026-09-03T02:00:00Z', '2026-09-02T02:00:00Z'],
  ],
])('%s', (_, there, kept) => {
  expect([...toKeep(there.map((name) => ({ name, at: new Date(name) })))].sort()).toEqual(kept.toSorted())
})

test('thinned out every night, there are never more than seventeen', () => {
  let there = nightly('2025-01-01T02:00:00Z', 1)
  for (let day = 1; day < 500; day++) {
    const at = new Date(Date.parse('2025-01-01T02:00:00Z') + day * 86_400_000)
    there = [...there, { name: at.toISOString().slice(0, 10), at }]
    const kept = toKeep(there)
    there = there.filter(({ name }) => kept.has(name))
    expect(there.length).toBeLessThanOrEqual(17)
  }
  expect(there.map(({ name }) => name).sort()[0]).toBe('2025-12-31')
})

test('the hour of the night is found before and after any moment', () => {
  const at = new Date(2026, 10, 27, 1, 59)
  expect(lastHour(at, 2)).toEqual(new Date(2026, 10, 26, 2))
  expect(nextHour(at, 2)).toEqual(new Date(2026, 10, 27, 2))
  const sharp = new Date(2026, 10, 27, 2)
  expect(lastHour(sharp, 2)).toEqual(sharp)
  expect(nextHour(sharp, 2)).toEqual(new Date(2026, 10, 28, 2))
})
