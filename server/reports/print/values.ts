import { toOneLine } from '../../lib/printable.ts'
import { toDay, toDecimal, toDuration, toPercent, toSize } from './quantities.ts'

const isBytes = /(^|_)bytes$/
const maybeBytes = /(^|_)(size|used|avail|available|total|free|rss|alloc|capacity)$/
const unixTimesFrom = 1_000_000_000

/** A value among evidence or facts as a person reads it, guided by its name: `used: 97000000000` is 97 GB. */
export function toReadable(name: string, value: unknown, max = 160): string {
  if (value === null || value === undefined || value === '') return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return readableNumber(name, value)
  if (typeof value === 'string') return toOneLine(value, max)
  if (Array.isArray(value)) {
    if (value.length === 0) return 'none'
    // No more is looked at than can be shown.
    const items = value.slice(0, 20).map((item) => (isRecord(item) ? inShort(item) : toReadable(name, item)))
    const more = value.length > items.length ? ` and ${value.length - items.length} more` : ''
    return toOneLine(items.join(', '), max) + more
  }
  return toOneLine(JSON.stringify(value), max)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** One entry of a list of things: its single values, in the order given. */
const inShort = (item: Record<string, unknown>): string =>
  Object.entries(item)
    .filter(([, value]) => typeof value !== 'object')
    .slice(0, 4)
    .map(([name, value]) => toReadable(name, value, 60))
    .join(' ')

function readableNumber(name: string, value: number): string {
  if (/(^|_)(pct|percent)$/.test(name)) return toPercent(value)
  if (isBytes.test(name)) return toSize(value)
  if (maybeBytes.test(name) && !name.includes('inode') && value >= 1_000_000) return toSize(value)
  if (/(^|_)(at|time|after|before)$/.test(name) && value > unixTimesFrom)
    return toDay(new Date(value * 1_000))
  if (/(^|_)s$/.test(name)) return toDuration(value)
  if (/(^|_)ms$/.test(name)) return toDuration(value / 1_000)
  if (/(^|_)(days|days_left|days_lo|days_hi|age_d|span_d|window_d)$/.test(name))
    return `${toDecimal(value)} d`
  if (/(^|_)(age_h|hours)$/.test(name)) return `${toDecimal(value)} h`
  if (name.endsWith('_per_day') && Math.abs(value) >= 1_000_000) return toSize(value)
  if (name === 'c' || /(^|_)celsius$/.test(name)) return `${toDecimal(value)} °C`
  return Number.isInteger(value) ? String(value) : toDecimal(value)
}

const labels = new Map([
  ['avail', 'available'],
  ['pct', 'share'],
  ['c', 'temperature'],
])

/** `inodes_used` → `inodes used`. */
export const toLabel = (name: string): string => labels.get(name) ?? toOneLine(name.replaceAll('_', ' '), 60)
