import { expect, test } from 'vitest'
import { chooseMoments, fitWithin, thin } from './history.ts'

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

test.each([
  [5, 10, [0, 1, 2, 3, 4]],
  [10, 4, [0, 3, 6, 9]],
  [10, 2, [0, 9]],
  [10, 1, [9]],
  [10, 0, [9]],
  [0, 3, []],
])('%d thinned to %d keeps the first and the last', (count, to, kept) => {
  expect(thin(numbers(count), to)).toEqual(kept)
})

const now = new Date('2026-11-30T00:00:00.000Z')
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString()

test('the last thirty days are given back, thinned to 120', () => {
  const hourly = numbers(24 * 60).map((hour) => daysAgo(60 - hour / 24))
  const chosen = chooseMoments(hourly, now)
  expect(chosen).toHaveLength(120)
  expect(chosen[0]).toBe(daysAgo(30))
  expect(chosen.at(-1)).toBe(hourly.at(-1))
})

test('where runs are rare, the last twelve are given back', () => {
  const monthly = numbers(40).map((month) => daysAgo(30 * (40 - month)))
  expect(chooseMoments(monthly, now)).toEqual(monthly.slice(-12))
  expect(chooseMoments([daysAgo(400)], now)).toEqual([daysAgo(400)])
})

test('too much is thinned where it is most, and given up only when nothing else is left', () => {
  const samples = (count: number, size: number) =>
    numbers(count).map((index) => ({ at: daysAgo(count - index), value: JSON.stringify('x'.repeat(size)) }))
  const both = new Map([
    ['large', samples(100, 1_000)],
    ['small', samples(100, 1)],
  ])
  const fitted = fitWithin(both, 30_000)
  expect(fitted['small']).toHaveLength(100)
  expect(fitted['large']).toHaveLength(25)
  expect(Object.keys(fitWithin(both, 600))).toEqual(['small'])
  expect(fitWithin(both, 10)).toEqual({})
})
