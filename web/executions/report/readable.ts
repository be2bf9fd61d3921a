import {
  formatBytes,
  formatDateTime,
  formatDuration,
  formatNumber,
  formatPercent,
  inOne,
} from '../../lib/format.ts'
import { currentMessages } from '../../lib/messages.ts'
import { isRecord } from './json.ts'

const unixTimesFrom = 1_000_000_000
const isBytes = /(^|_)bytes$/
const maybeBytes = /(^|_)(size|used|avail|available|total|free|rss|alloc|capacity)$/
const dayMs = 86_400_000

/**
 * A single value among evidence or facts as a person reads it, guided by its name: `used: 97000000000` is 97 GB. With
 * the names around it in front (`psi_some_total`) it is told better.
 */
export function toReadable(name: string, value: unknown): string {
  const t = currentMessages('execution').values
  if (value === null || value === undefined || value === '') return t.none
  if (typeof value === 'boolean') return value ? t.yes : t.no
  if (typeof value === 'number') return readableNumber(name, value)
  if (typeof value === 'string') return readableText(name, value)
  if (Array.isArray(value)) return value.length === 0 ? t.none : inOneLine(name, value)
  return inShort(value)
}

/** Items of a list named in one line before the rest is only counted. */
const named = 20

const inOneLine = (name: string, items: readonly unknown[]): string => {
  const shown = items
    .slice(0, named)
    .map((item) => (isRecord(item) ? inShort(item) : toReadable(name, item)))
    .join(', ')
  const rest = items.length - named
  return rest > 0 ? currentMessages('execution').values.andMore(shown, rest) : shown
}

/** One thing of a list: its first single values, in the order given. */
export const inShort = (item: unknown): string =>
  isRecord(item)
    ? Object.entries(item)
        .filter(([, value]) => value !== null && typeof value !== 'object')
        .slice(0, 4)
        .map(([name, value]) => toReadable(name, value))
        .join(' ')
    : String(item)

/** What a part of the facts is about, before it is unfolded: its first single values by name. */
export const outlineOf = (part: Readonly<Record<string, unknown>>): string =>
  Object.entries(part)
    .filter(([, value]) => value !== null && value !== '' && typeof value !== 'object')
    .slice(0, 4)
    .map(([name, value]) => `${toLabel(name)} ${toReadable(name, value)}`)
    .join(' · ')

const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/

const readableText = (name: string, value: string): string =>
  isInstant.test(value) && !Number.isNaN(Date.parse(value)) && name !== 'tail' ? formatDateTime(value) : value

/** Numbers that name something: nobody groups their digits. */
const isName = /(^|_)(pid|ppid|port|uid|gid|id|code|status|errno|signal|qtype|rcode)$/

function readableNumber(name: string, value: number): string {
  if (isName.test(name)) return String(value)
  if (/(^|_)(pct|percent)$/.test(name)) return formatPercent(value, value < 10 ? 1 : 0)
  if (isBytes.test(name)) return formatBytes(value)
  if (maybeBytes.test(name) && !/inode|psi|pressure/.test(name) && value >= 1_000_000)
    return formatBytes(value)
  if (/(^|_)(at|time|after|before)$/.test(name) && value > unixTimesFrom) return formatDateTime(value * 1_000)
  if (/(^|_)s$/.test(name)) return formatLength(value * 1_000)
  if (/(^|_)ms$/.test(name)) return value < 10 ? inOne(`${formatNumber(value, 1)} ms`) : formatLength(value)
  if (/(^|_)(days|days_left|days_lo|days_hi|age_d|span_d|window_d)$/.test(name))
    return inOne(`${formatNumber(value, 1)} ${currentMessages('execution').values.day}`)
  if (/(^|_)(age_h|hours)$/.test(name)) return inOne(`${formatNumber(value, 1)} h`)
  if (name.endsWith('_per_day') && Math.abs(value) >= 1_000_000) return formatBytes(value)
  if (/(^|_)c$/.test(name) || /(^|_)celsius$/.test(name)) return inOne(`${formatNumber(value, 1)} °C`)
  return formatNumber(value, Number.isInteger(value) ? 0 : 2)
}

/** Like `formatDuration`, and in days from two of them on: `41 d 7 h`. */
export function formatLength(ms: number): string {
  if (ms < 2 * dayMs) return ms < 0 ? `−${formatLength(-ms)}` : formatDuration(ms)
  const days = Math.floor(ms / dayMs)
  const hours = Math.floor((ms % dayMs) / 3_600_000)
  const { day } = currentMessages('execution').values
  const whole = `${formatNumber(days)} ${day}`
  return inOne(hours > 0 && days < 100 ? `${whole} ${hours} h` : whole)
}

const labels = new Map([
  ['avail', 'available'],
  ['pct', 'share'],
  ['c', 'temperature'],
])

/** `inodes_used` → `inodes used`. Names come from the agent and are shown as they are in every language. */
export const toLabel = (name: string): string => labels.get(name) ?? name.replaceAll('_', ' ')
