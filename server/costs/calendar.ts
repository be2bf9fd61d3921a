import { fail } from '../lib/errors.ts'

const dayMs = 86_400_000
/** A zone's clock is never further from itself an hour before than this, so the next day begins within it. */
const longestDayMs = 2 * dayMs
const longestMonthMs = 33 * dayMs

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  formats.set(zone, made)
  return made
}

/** Throws `request.invalid` for a zone that nobody knows. */
export function checkZone(zone: string): void {
  try {
    formatOf(zone)
  } catch {
    throw fail('request.invalid', {
      issues: [{ path: 'zone', message: 'A zone like Europe/Berlin, or UTC' }],
    })
  }
}

/** The day that the calendar of a zone shows at an instant: `2026-11-26`. */
export function dayOf(at: Date, zone: string): string {
  const parts = formatOf(zone).formatToParts(at)
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? ''
  return `${of('year').padStart(4, '0')}-${of('month')}-${of('day')}`
}

/** `2026-11` of `2026-11-26`. */
export const monthOfDay = (day: string): string => day.slice(0, 7)

/** When the next day begins in a zone. Where midnight is left out by a change of the clock, that is later than 0:00. */
export const nextDayAt = (at: Date, zone: string): Date =>
  firstOther(at, longestDayMs, (when) => dayOf(when, zone))

/** When the next month begins in a zone. */
export const nextMonthAt = (at: Date, zone: string): Date =>
  firstOther(at, longestMonthMs, (when) => monthOfDay(dayOf(when, zone)))

/** The first instant, to the millisecond, at which the calendar shows another one than at `at`. */
function firstOther(at: Date, withinMs: number, shown: (when: Date) => string): Date {
  const now = shown(at)
  let same = at.getTime()
  let other = same + withinMs
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2)
    if (shown(new Date(middle)) === now) same = middle
    else other = middle
  }
  return new Date(other)
}

/** A day of the calendar so many days later; earlier for a negative number. */
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * dayMs).toISOString().slice(0, 10)
}

/** Days from the first to the last, both included. */
export function daysBetween(first: string, last: string): string[] {
  const days: string[] = []
  for (let day = first; day <= last; day = addDays(day, 1)) days.push(day)
  return days
}

export const daysInMonth = (day: string): number =>
  new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 0)).getUTCDate()
