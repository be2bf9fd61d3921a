/**
 * How numbers read, the same everywhere: sizes are decimal (1 GB is 10⁹ bytes, as on the label of a disk and in
 * `df -H`), with one decimal below 100, and a space between number and unit.
 */
const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB']

/** `13 GB`, `1.5 TB`, `999 kB`. */
export function toSize(bytes: number): string {
  let value = Math.abs(bytes)
  let unit = 0
  // From 999.5 on it would be shown as 1000.
  while (value >= 999.5 && unit < sizeUnits.length - 1) {
    value /= 1_000
    unit++
  }
  return `${bytes < 0 ? '−' : ''}${toDecimal(value)} ${sizeUnits[unit]}`
}

/** `74 %`, `0.4 %`, `99.6 %`: never 100 before it is. */
export function toPercent(percent: number): string {
  const rounded = percent >= 10 ? Math.round(percent) : Math.round(percent * 10) / 10
  const isNearlyFull = rounded === 100 && percent < 100
  return `${isNearlyFull ? Math.floor(percent * 10) / 10 : rounded} %`
}

/** At most one decimal below 100, none above. */
export function toDecimal(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && size < 0.05) return value.toPrecision(2).replace(/\.?0+$/, '')
  return String(size < 100 ? Math.round(value * 10) / 10 : Math.round(value))
}

const spans: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
]

/** `6.2 s`, `12 min`, `3 h 20 min`, `41 d 7 h`: two units at most. */
export function toDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'unknown'
  if (seconds < 0) return `−${toDuration(-seconds)}`
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`
  if (seconds < 60) return `${toDecimal(seconds)} s`
  const first = spans.findIndex(([, length]) => seconds >= length)
  const [unit, length] = spans[first] ?? ['min', 60]
  const whole = Math.floor(seconds / length)
  const next = spans[first + 1]
  const rest = next ? Math.floor((seconds - whole * length) / next[1]) : 0
  return rest > 0 && next ? `${whole} ${unit} ${rest} ${next[0]}` : `${whole} ${unit}`
}

/** `24 Nov 2026, 12:17` in a time zone, with its name; the machine's own zone when none is given. */
export function toMoment(at: Date, timeZone?: string): string {
  if (Number.isNaN(at.getTime())) return 'unknown'
  const parts = new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
    ...(timeZone && { timeZone }),
  }).formatToParts(at)
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('day')} ${part('month')} ${part('year')}, ${part('hour')}:${part('minute')} ${part('timeZoneName')}`
}

/** `24 Nov 2026`, in UTC. */
export function toDay(at: Date): string {
  if (Number.isNaN(at.getTime())) return 'unknown'
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(at)
}

/** `1 thing`, `3 things`. */
export const toCount = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`

const digits = '0123456789abcdefghjkmnpqrstvwxyz'

/** The moment an id was made, which its first ten characters hold. */
export function momentOfId(id: string): Date {
  let time = 0
  for (const digit of (id.split('_')[1] ?? '').slice(0, 10)) time = time * 32 + digits.indexOf(digit)
  return new Date(time)
}
