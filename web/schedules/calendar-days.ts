import type { ScheduleId } from '../../contract/ids.ts'
import type { OccurrenceState } from '../../contract/schedules.ts'

export type Span = 'week' | 'month'

/** What one schedule does on one day. */
export interface DayEntry {
  readonly scheduleId: ScheduleId
  readonly name: string
  /** The first of the day, Unix milliseconds. */
  readonly at: number
  readonly count: number
  /** The worst that became of them; `coming` while all are ahead. */
  readonly state: OccurrenceState | 'coming'
}

export interface CalendarDay {
  /** Midnight where it is looked at. */
  readonly date: Date
  /** Outside of the month that is shown. */
  readonly isAside: boolean
  readonly entries: readonly DayEntry[]
}

interface Shown {
  readonly past: readonly {
    readonly at: string
    readonly scheduleId: ScheduleId
    readonly state: OccurrenceState
    readonly count: number
  }[]
  readonly coming: readonly {
    readonly dueAt: string
    readonly scheduleId: ScheduleId
    readonly isBlackedOut: boolean
  }[]
  readonly schedules: readonly { readonly id: ScheduleId; readonly name: string }[]
}

/** From the worst to what needs nobody. */
const ranking = ['missed', 'waiting', 'late', 'skipped', 'merged', 'ran', 'coming'] as const

/** The Monday at or before a day. */
function mondayOf(date: Date): Date {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - ((date.getDay() + 6) % 7))
}

/** The midnights that a view shows: seven, or whole weeks around a month. */
export function daysOf(span: Span, of: Date): Date[] {
  const first = mondayOf(span === 'week' ? of : new Date(of.getFullYear(), of.getMonth(), 1))
  const last = span === 'week' ? first : mondayOf(new Date(of.getFullYear(), of.getMonth() + 1, 0))
  const days: Date[] = []
  // By the calendar and not by hours: a day may have 23 of them.
  for (let day = first; days.length % 7 !== 0 || day <= last; ) {
    days.push(day)
    day = new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1)
  }
  return days
}

/** So many weeks or months on; back for a negative number. */
export const moved = (span: Span, of: Date, by: number): Date =>
  span === 'week'
    ? new Date(of.getFullYear(), of.getMonth(), of.getDate() + 7 * by)
    : new Date(of.getFullYear(), of.getMonth() + by, 1)

const keyOf = (date: Date): string => `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`

/** What happens on each day, one entry for each schedule, in the order of their first times. */
export function fillDays(span: Span, of: Date, shown: Shown): CalendarDay[] {
  const names = new Map(shown.schedules.map(({ id, name }) => [id, name]))
  const byDay = new Map<string, Map<ScheduleId, DayEntry>>()
  const add = (scheduleId: ScheduleId, at: number, state: DayEntry['state'], count: number) => {
    const key = keyOf(new Date(at))
    const day = byDay.get(key) ?? new Map<ScheduleId, DayEntry>()
    byDay.set(key, day)
    const known = day.get(scheduleId)
    day.set(scheduleId, {
      scheduleId,
      name: names.get(scheduleId) ?? '',
      at: Math.min(at, known?.at ?? at),
      count: count + (known?.count ?? 0),
      state: known ? worse(known.state, state) : state,
    })
  }
  for (const { at, scheduleId, state, count } of shown.past) add(scheduleId, Date.parse(at), state, count)
  for (const { dueAt, scheduleId, isBlackedOut } of shown.coming) {
    if (!isBlackedOut) add(scheduleId, Date.parse(dueAt), 'coming', 1)
  }
  return daysOf(span, of).map((date) => ({
    date,
    isAside: span === 'month' && date.getMonth() !== of.getMonth(),
    entries: [...(byDay.get(keyOf(date))?.values() ?? [])].sort((one, other) => one.at - other.at),
  }))
}

const worse = (one: DayEntry['state'], other: DayEntry['state']): DayEntry['state'] =>
  ranking.indexOf(one) <= ranking.indexOf(other) ? one : other

/** The day of an address, `2026-11-26`; null for anything else. */
export function readDay(text: string | undefined): Date | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text ?? '')
  if (!match) return null
  const date = new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3]))
  return date.getDate() === Number(match[3]) ? date : null
}

export const toDayText = (date: Date): string =>
  `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`
