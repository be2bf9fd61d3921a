import { describe, expect, test } from 'vitest'
import { addDays, checkZone, dayOf, daysBetween, daysInMonth, nextDayAt, nextMonthAt } from './calendar.ts'

test.each([
  ['2026-11-26T23:30:00Z', 'UTC', '2026-11-26'],
  ['2026-11-26T23:30:00Z', 'Europe/Berlin', '2026-11-27'],
  ['2026-11-01T03:30:00Z', 'America/New_York', '2026-10-31'],
  ['2026-12-31T23:59:59.999Z', 'UTC', '2026-12-31'],
  ['2026-12-31T23:00:00Z', 'Pacific/Kiritimati', '2027-01-01'],
])('%s is in %s the day %s', (at, zone, day) => expect(dayOf(new Date(at), zone)).toBe(day))

describe('the next day begins', () => {
  test.each([
    ['on an ordinary day', '2026-11-26T12:00:00Z', 'Europe/Berlin', '2026-11-26T23:00:00.000Z'],
    ['after a day of 23 hours', '2026-03-29T00:30:00Z', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
    ['after a day of 25 hours', '2026-10-25T00:30:00Z', 'Europe/Berlin', '2026-10-25T23:00:00.000Z'],
    ['a millisecond later', '2026-11-26T22:59:59.999Z', 'Europe/Berlin', '2026-11-26T23:00:00.000Z'],
    // Clocks there go from 23:59 to 1:00 that night.
    ['at one where there is no midnight', '2026-04-23T12:00:00Z', 'Africa/Cairo', '2026-04-23T22:00:00.000Z'],
    ['in a zone off by three quarters', '2026-11-26T12:00:00Z', 'Asia/Kathmandu', '2026-11-26T18:15:00.000Z'],
  ])('%s', (_name, at, zone, next) => expect(nextDayAt(new Date(at), zone).toISOString()).toBe(next))
})

test.each([
  ['2026-11-26T12:00:00Z', 'Europe/Berlin', '2026-11-30T23:00:00.000Z'],
  ['2026-12-31T22:59:59Z', 'Europe/Berlin', '2026-12-31T23:00:00.000Z'],
  ['2026-12-31T23:00:00Z', 'Europe/Berlin', '2027-01-31T23:00:00.000Z'],
  ['2028-02-01T00:00:00Z', 'UTC', '2028-03-01T00:00:00.000Z'],
  ['2026-01-31T00:00:00Z', 'UTC', '2026-02-01T00:00:00.000Z'],
])('the month after %s begins in %s at %s', (at, zone, next) =>
  expect(nextMonthAt(new Date(at), zone).toISOString()).toBe(next),
)

test('days are counted over the ends of months and years', () => {
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
  expect(addDays('2028-03-01', -1)).toBe('2028-02-29')
  expect(daysBetween('2026-11-29', '2026-12-01')).toEqual(['2026-11-29', '2026-11-30', '2026-12-01'])
  expect(daysInMonth('2028-02-10')).toBe(29)
})

test('a zone that nobody knows is refused', () => {
  expect(() => checkZone('Europe/Berlin')).not.toThrow()
  expect(() => checkZone('Mars/Olympus')).toThrow('')
})
