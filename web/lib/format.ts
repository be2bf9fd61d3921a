import { usePreferences } from './preferences.ts'

/** How values read. All through Intl, in the language of the dashboard and the zone of whoever looks. */

const cached = new Map<string, unknown>()

/** Intl objects are dear to make, so there is one of each kind and language. */
function once<Formatter>(kind: string, make: (locale: string) => Formatter): Formatter {
  const { locale } = usePreferences.getState()
  const key = `${locale} ${kind}`
  const found = cached.get(key) as Formatter | undefined
  if (found) return found
  const made = make(locale)
  cached.set(key, made)
  return made
}

export const formatNumber = (value: number, digits = 0): string =>
  once(
    `number ${digits}`,
    (locale) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }),
  ).format(value)

export const formatPercent = (percent: number, digits = 0): string =>
  once(
    `percent ${digits}`,
    (locale) => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: digits }),
  ).format(percent / 100)

/** The exact instant, with the zone: what a tooltip shows. */
export const formatInstant = (at: string | number | Date): string =>
  once(
    'instant',
    (locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'long' }),
  ).format(new Date(at))

export const formatDateTime = (at: string | number | Date): string =>
  once(
    'date-time',
    (locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }),
  ).format(new Date(at))

export const formatTime = (at: string | number | Date): string =>
  once('time', (locale) => new Intl.DateTimeFormat(locale, { timeStyle: 'medium' })).format(new Date(at))

/** The time of day to the millisecond, for lines that come quickly. */
export const formatClock = (at: string | number | Date): string =>
  once(
    'clock',
    (locale) =>
      new Intl.DateTimeFormat(locale, {
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        fractionalSecondDigits: 3,
        hourCycle: 'h23',
      }),
  ).format(new Date(at))

const steps = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** “3 minutes ago”, “in 2 days”; “now” within a few seconds. */
export function formatRelative(at: string | number | Date, now: number = Date.now()): string {
  const seconds = (new Date(at).getTime() - now) / 1_000
  const format = once('relative', (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }))
  const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1]
  if (unit === 'second') return format.format(Math.abs(seconds) < 10 ? 0 : Math.round(seconds), 'second')
  return format.format(Math.round(seconds / size), unit)
}

/**
 * Figures and their units as one piece: in a line from right to left each would else stand for itself, the unit first. A
 * language of its own words for units keeps its own direction.
 */
export const inOne = (words: string): string =>
  typeof document !== 'undefined' && document.dir === 'rtl' ? `\u2068${words}\u2069` : words

/** A length of time: `380 ms`, `4.2 s`, `2 min 5 s`, `3 h 10 min`. */
export const formatDuration = (ms: number): string => inOne(durationOf(ms))

function durationOf(ms: number): string {
  if (ms < 1_000) return `${formatNumber(Math.round(ms))} ms`
  const whole = Math.round(ms / 1_000)
  if (whole < 60) return `${formatNumber(ms / 1_000, ms < 10_000 ? 1 : 0)} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return withRest(`${minutes} min`, whole % 60, 's')
  return withRest(`${Math.floor(minutes / 60)} h`, minutes % 60, 'min')
}

const withRest = (words: string, rest: number, unit: string): string =>
  rest === 0 ? words : `${words} ${rest} ${unit}`

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** A size in decimal units, as disks are sold and reports say. */
export function formatBytes(bytes: number): string {
  let size = bytes
  let unit = 0
  while (Math.abs(size) >= 1_000 && unit < units.length - 1) {
    size /= 1_000
    unit += 1
  }
  return inOne(`${formatNumber(size, unit === 0 || size >= 100 ? 0 : 1)} ${units[unit] ?? ''}`)
}

/** An amount in billionths of a US dollar; of less than ten cents the two digits that count, so that little is not nothing. */
export function formatMoney(nanoUsd: number): string {
  const usd = nanoUsd / 1e9
  const digits = usd === 0 || usd >= 0.1 ? 2 : Math.max(2, 1 - Math.floor(Math.log10(usd)))
  return once(
    `money ${digits}`,
    (locale) =>
      new Intl.NumberFormat(locale, {
        style: 'currency',
        currency: 'USD',
        minimumFractionDigits: 2,
        maximumFractionDigits: digits,
      }),
  ).format(usd)
}

/** A day of the calendar, `2026-11-26`, wherever one is. */
export const formatDay = (day: string): string =>
  once(
    'day',
    (locale) => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' }),
  ).format(new Date(`${day}T00:00:00Z`))

/** An instant as the clock of a zone shows it, with the day of the week. */
export const formatDateTimeIn = (at: string | number | Date, zone: string): string =>
  once(
    `date-time ${zone}`,
    (locale) =>
      new Intl.DateTimeFormat(locale, {
        weekday: 'short',
        day: 'numeric',
        month: 'short',
        year: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
        timeZone: zone,
      }),
  ).format(new Date(at))

/** `2026-12-24T18:00`, a day and a time on some wall, whatever zone that hangs in. */
export const formatWall = (wall: string): string => formatDateTimeIn(`${wall}:00Z`, 'UTC')

/** The short name of a weekday; 0 is Sunday. */
export const formatWeekday = (day: number): string =>
  once('weekday', (locale) => new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' })).format(
    // A Sunday.
    new Date(Date.UTC(2026, 0, 4 + day)),
  )

/** The month of a day where one is: “November 2026”. */
export const formatMonth = (day: Date): string =>
  once('month', (locale) => new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric' })).format(day)

/** A day where one is, with its weekday: “Thu, Nov 26”. */
export const formatShortDay = (day: Date): string =>
  once(
    'short-day',
    (locale) => new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short' }),
  ).format(day)

/** `07:00`, where one is. */
export const formatHourMinute = (at: number): string =>
  once(
    'hour-minute',
    (locale) => new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  ).format(at)
