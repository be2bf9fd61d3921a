import { describe, expect, test } from 'vitest'
import { isKept, sift } from './rules.ts'

test.each([
  [['nodes', 'list', { query: { limit: 24 } }], true],
  [['executions', 'get', { params: { id: 'exe_1' } }], true],
  [['session', 'current'], true],
  [['credentials', 'list', {}], false],
  [['execution-commands', 'final', {}], false],
  [['execution-journal', 'active', {}], false],
  [['audit', 'list', {}], false],
  [['account', 'tokens', {}], false],
  [['users', 'list', {}], false],
  [['search', 'find', { text: 'x' }], false],
  [['enrolment', 'block', {}], false],
  [['nodes', 'key', {}], false],
  [['constructor', 'name'], false],
  [[], false],
])('%j is kept: %s', (key, expected) => {
  expect(isKept(key)).toBe(expected)
})

const now = Date.parse('2026-05-01T12:00:00Z')
const hours = (count: number) => now - count * 3_600_000
const reply = (at: number, size = 10) => ({ at, size })

describe('what stays', () => {
  test.each([
    ['what is young', [reply(hours(1))], 1],
    ['not what is a week old', [reply(hours(24 * 7)), reply(hours(24 * 7 - 1))], 1],
    ['so many and no more', Array.from({ length: 130 }, (_, age) => reply(hours(age / 10))), 120],
    ['so much and no more', [reply(hours(1), 3_000_000), reply(hours(2), 3_000_000)], 1],
    [
      'the small beside the large',
      [reply(hours(1), 3_000_000), reply(hours(2), 3_000_000), reply(hours(3))],
      2,
    ],
    ['nothing of nothing', [], 0],
  ])('%s', (_, all, count) => {
    const { stay, go } = sift(all, now)
    expect([stay.length, go.length]).toEqual([count, all.length - count])
  })

  test('the newest, whatever order they come in', () => {
    const [old, young] = [reply(hours(5), 3_000_000), reply(hours(1), 3_000_000)]
    expect(sift([old, young], now)).toEqual({ stay: [young], go: [old] })
  })
})
