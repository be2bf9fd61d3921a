import { describe, expect, test } from 'vitest'
import { firstBroken, reachedPercent, type Standing } from './budgets.ts'

const standing = (limit: Standing['limit'], limitNanoUsd: number | null, usedNanoUsd: number): Standing => ({
  limit,
  agentId: null,
  limitNanoUsd,
  usedNanoUsd,
})

describe('a call', () => {
  test.each<[string, Standing[], number, string | null]>([
    ['fits exactly', [standing('day', 100, 40)], 60, null],
    ['is a billionth too much', [standing('day', 100, 40)], 61, 'day'],
    ['has no limit at all', [standing('day', null, 1e12), standing('month', null, 1e12)], 1e12, null],
    ['meets a limit of nothing, which is not none', [standing('day', 0, 0)], 1, 'day'],
    ['costs nothing where nothing may be spent', [standing('day', 0, 0)], 0, null],
    ['costs nothing where too much is spent already', [standing('day', 100, 120)], 0, null],
    [
      'breaks two limits: the longer one is named',
      [standing('execution', 10, 5), standing('day', 100, 99), standing('month', 200, 199)],
      6,
      'month',
    ],
    ['breaks its own limit only', [standing('execution', 10, 5), standing('day', 100, 9)], 6, 'execution'],
  ])('that %s', (_name, standings, wanted, broken) =>
    expect(firstBroken(standings, wanted)?.limit ?? null).toBe(broken),
  )
})

test.each<[number | null, number, number | null]>([
  [100, 49, null],
  [100, 50, 50],
  [100, 79, 50],
  [100, 80, 80],
  [100, 99, 80],
  [100, 100, 100],
  [100, 250, 100],
  [null, 250, null],
  [0, 0, null],
])('of a limit of %s, %s used is told as %s per cent', (limit, used, percent) =>
  expect(reachedPercent(standing('day', limit, used))).toBe(percent),
)
