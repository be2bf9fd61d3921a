import { describe, expect, test } from 'vitest'
import type { ScheduleId } from '../../contract/ids.ts'
import { daysOf, fillDays, moved, readDay, toDayText } from './calendar-days.ts'

const texts = (days: readonly Date[]) => days.map(toDayText)

describe('the days of a view', () => {
  test('are a week from Monday', () => {
    expect(texts(daysOf('week', new Date(2026, 10, 26)))).toEqual([
      '2026-11-23',
      '2026-11-24',
      '2026-11-25',
      '2026-11-26',
      '2026-11-27',
      '2026-11-28',
      '2026-11-29',
    ])
  })

  test.each([
    ['November 2026', new Date(2026, 10, 26), '2026-10-26', '2026-12-06', 42],
    ['February 2027, four weeks to the day', new Date(2027, 1, 10), '2027-02-01', '2027-02-28', 28],
    ['March 2026, with a short day', new Date(2026, 2, 1), '2026-02-23', '2026-04-05', 42],
  ])('are whole weeks around %s', (_, of, first, last, count) => {
    const days = texts(daysOf('month', of))
    expect([days[0], days.at(-1), days.length]).toEqual([first, last, count])
  })

  test('move on by weeks and months', () => {
    expect(toDayText(moved('week', new Date(2026, 11, 28), 1))).toBe('2027-01-04')
    expect(toDayText(moved('month', new Date(2026, 0, 31), 1))).toBe('2026-02-01')
    expect(toDayText(moved('month', new Date(2026, 0, 31), -1))).toBe('2025-12-01')
  })
})

test('a day has one entry for each schedule, with the worst that became of it', () => {
  const [nightly, often] = ['sch_1', 'sch_2'] as unknown as [ScheduleId, ScheduleId]
  const at = (hour: number) => new Date(2026, 10, 26, hour).toISOString()
  const days = fillDays('week', new Date(2026, 10, 26), {
    schedules: [
      { id: nightly, name: 'Nightly' },
      { id: often, name: 'Often' },
    ],
    past: [
      { at: at(2), scheduleId: often, state: 'ran', count: 1 },
      { at: at(3), scheduleId: often, state: 'missed', count: 4 },
      { at: at(1), scheduleId: nightly, state: 'late', count: 1 },
    ],
    coming: [
      { dueAt: at(20), scheduleId: often, isBlackedOut: false },
      { dueAt: at(23), scheduleId: often, isBlackedOut: true },
    ],
  })
  expect(days[3]?.entries).toMatchObject([
    { name: 'Nightly', count: 1, state: 'late' },
    { name: 'Often', count: 6, state: 'missed' },
  ])
  expect(days[0]?.entries).toEqual([])
})

test.each([['2026-11-26'], ['2024-02-29']])('the address %s is a day', (text) => {
  const day = readDay(text)
  expect(day && toDayText(day)).toBe(text)
})
test.each([[undefined], ['2026-02-30'], ['soon']])('the address %s is none', (text) => {
  expect(readDay(text)).toBeNull()
})
