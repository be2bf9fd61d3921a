import { keptBackups } from '../../contract/own-backup-terms.ts'

interface Dated {
  readonly name: string
  readonly at: Date
}

const dayMs = 86_400_000

/**
 * Which backups stay: the newest of each of the last seven days that have one, of four weeks and of six months. What is in
 * none of them goes. The newest of all always stays.
 */
export function toKeep(backups: readonly Dated[]): Set<string> {
  const newestFirst = backups.toSorted((a, b) => b.at.getTime() - a.at.getTime())
  return new Set([
    ...newestOfEach(newestFirst, keptBackups.days, dayOf),
    ...newestOfEach(newestFirst, keptBackups.weeks, weekOf),
    ...newestOfEach(newestFirst, keptBackups.months, monthOf),
  ])
}

function newestOfEach(newestFirst: readonly Dated[], most: number, spanOf: (at: Date) => string): string[] {
  const bySpan = new Map<string, string>()
  for (const { name, at } of newestFirst) {
    const span = spanOf(at)
    if (bySpan.size < most && !bySpan.has(span)) bySpan.set(span, name)
  }
  return [...bySpan.values()]
}

const dayOf = (at: Date): string => at.toISOString().slice(0, 10)
const monthOf = (at: Date): string => at.toISOString().slice(0, 7)
/** The Monday it begins with: 1970-01-05 was one. */
const weekOf = (at: Date): string => String(Math.floor((at.getTime() / dayMs - 4) / 7))

/** The next time the clock of the server shows this full hour. */
export function nextHour(after: Date, hour: number): Date {
  const next = new Date(after)
  next.setHours(hour, 0, 0, 0)
  if (next.getTime() <= after.getTime()) next.setDate(next.getDate() + 1)
  return next
}

/** The last time it did. */
export function lastHour(until: Date, hour: number): Date {
  const last = new Date(until)
  last.setHours(hour, 0, 0, 0)
  if (last.getTime() > until.getTime()) last.setDate(last.getDate() - 1)
  return last
}
