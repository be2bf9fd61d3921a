import { expect, test } from 'vitest'
import { cronRunsInAMonth, planMonth, readPrice, readUsd, toUsd } from './amounts.ts'

test.each([
  ['1', 1_000_000_000],
  ['1.5', 1_500_000_000],
  ['0,10', 100_000_000],
  [' 0 ', 0],
  ['0.000000001', 1],
  ['', null],
  ['-1', null],
  ['1e3', null],
  ['1.000,50', null],
  ['ten', null],
])('%j is read as %s', (text, amount) => expect(readUsd(text)).toBe(amount))

test('an amount is typed as it was read', () => expect(readUsd(toUsd(1_230_000_000))).toBe(1_230_000_000))

test.each([
  ['0.10', 100_000],
  ['0,125', 125_000],
  ['40', 40_000_000],
  ['10001', null],
  ['x', null],
])('the price %j is %s picodollars a token', (text, price) => expect(readPrice(text)).toBe(price))

test('ten nodes every hour with few changes make about a hundred calls a month', () => {
  const plan = { nodes: 10, runsPerDay: 24, askPercent: 1.4, likelyNanoUsd: 755_000, mostNanoUsd: 2_355_000 }
  expect(planMonth(plan)).toEqual({
    runs: 7_200,
    calls: 101,
    likelyNanoUsd: 76_255_000,
    mostNanoUsd: 237_855_000,
  })
})

test.each([
  ['0 */8 * * *', 90],
  ['*/15 * * * *', 2_880],
  ['0 2 * * SUN', 5],
  ['0 0 31 2 *', null],
  ['every day', null],
  ['', null],
])('the cron expression %j runs %s times in the thirty days from the first of March', (cron, runs) =>
  expect(cronRunsInAMonth(cron, new Date('2026-03-01T00:00:00Z'))).toBe(runs),
)
