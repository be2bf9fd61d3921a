import { describe, expect, test } from 'vitest'
import type { ScheduleSpec } from '../../contract/schedules.ts'
import { decide, type Situation } from './decide.ts'

const now = Date.parse('2026-11-26T12:00:00Z')
const minute = 60_000
const hour = 60 * minute
type Policy = ScheduleSpec['catchUp']['policy']

/** What becomes of occurrences that were due so many minutes ago, oldest first. */
function told(
  minutesAgo: readonly number[],
  {
    policy = 'once',
    overlap = 'skip',
    most = 5,
    ...more
  }: Partial<Situation> & { policy?: Policy; overlap?: ScheduleSpec['overlap']; most?: number } = {},
): string[] {
  const due = minutesAgo.map((ago) => ({
    at: now - ago * minute,
    dueAt: now - ago * minute,
    isBlackedOut: false,
  }))
  const verdicts = decide({
    now,
    due,
    spec: { catchUp: { policy, withinHours: 24, most }, overlap },
    isActive: false,
    waiting: 0,
    isBlackedOutNow: false,
    ...more,
  })
  return due.map((one) => {
    const verdict = verdicts.get(one)
    if (!verdict) return 'nothing'
    if (verdict.kind === 'settle') return `${verdict.state} (${verdict.reason})`
    return verdict.kind === 'wait' ? 'waits' : verdict.isLate ? 'late' : 'ran'
  })
}

describe('in time', () => {
  test.each([
    ['at once', [0], ['ran']],
    ['half a minute later', [0.5], ['ran']],
    ['two minutes later, on a busy server', [2], ['late']],
    ['two at once', [1, 0], ['merged (made-up-for)', 'ran']],
  ])('%s', (_, ago, expected) => expect(told(ago)).toEqual(expected))
})

describe('after the server was off', () => {
  test.each([
    ['skip', [180, 120, 60], ['missed (server-off)', 'missed (server-off)', 'missed (server-off)']],
    ['skip', [60, 0], ['missed (server-off)', 'ran']],
    ['once', [180, 120, 60], ['merged (made-up-for)', 'merged (made-up-for)', 'late']],
    ['once', [25 * 60, 60], ['missed (too-old)', 'late']],
    ['once', [60, 0], ['merged (made-up-for)', 'ran']],
    ['all', [180, 120, 60], ['late', 'waits', 'waits']],
    ['all', [25 * 60, 60], ['missed (too-old)', 'late']],
  ] as const)('%s of %j', (policy, ago, expected) => expect(told(ago, { policy })).toEqual(expected))

  test('all is bounded, and the newest are kept', () => {
    expect(told([240, 180, 120, 60], { policy: 'all', most: 2, overlap: 'parallel' })).toEqual([
      'missed (too-many)',
      'missed (too-many)',
      'late',
      'late',
    ])
  })
})

describe('while the run before goes on', () => {
  test.each([
    ['skip', {}, 'skipped (overlap)'],
    ['queue', {}, 'waits'],
    ['queue', { waiting: 1 }, 'merged (behind-waiting)'],
    ['parallel', {}, 'ran'],
  ] as const)('%s %j', (overlap, more, expected) => {
    expect(told([0], { overlap, isActive: true, ...more })).toEqual([expected])
  })

  test('one that waits counts as a run before', () => {
    expect(told([0], { waiting: 1 })).toEqual(['skipped (overlap)'])
  })
})

describe('a blackout', () => {
  test('skips what falls into it, whatever else is said', () => {
    const at = now - 3 * hour
    const due = [{ at, dueAt: at, isBlackedOut: true }]
    expect(told([], { due })).toEqual([])
    const verdicts = decide({
      now,
      due,
      spec: { catchUp: { policy: 'all', withinHours: 24, most: 5 }, overlap: 'parallel' },
      isActive: false,
      waiting: 0,
      isBlackedOutNow: false,
    })
    expect([...verdicts.values()]).toEqual([{ kind: 'settle', state: 'skipped', reason: 'blackout' }])
  })

  test('lets nothing be made up for inside of it', () => {
    expect(told([120, 60], { isBlackedOutNow: true })).toEqual(['merged (made-up-for)', 'skipped (blackout)'])
  })
})
