import { type Cron, readCron, wallMinutesOf } from './cron.ts'
import { dayMin, type Minute, minuteMs, readWallText, stretchesOf, wallAt } from './zone-clock.ts'

/** What decides when something is to happen. */
export type Timing =
  | { readonly kind: 'cron'; readonly cron: string }
  /** In elapsed time, whatever the wall shows: `from` is the first. */
  | { readonly kind: 'interval'; readonly everyMinutes: number; readonly from: string }
  /** `2026-12-24T18:00` on the wall of the zone. */
  | { readonly kind: 'once'; readonly at: string }

export const weekdayWords = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
export type Weekday = (typeof weekdayWords)[number]

/** A time of day in which nothing starts. One that ends before it begins goes on over midnight. */
export interface Blackout {
  /** The days on which it begins; none are all. */
  readonly days: readonly Weekday[]
  /** `22:00` on the wall of the zone. */
  readonly from: string
  readonly to: string
}

export interface Plan {
  readonly timing: Timing
  readonly zone: string
  /** Each start is put off by up to this long, always by the same for the same occurrence. */
  readonly jitterS: number
  readonly blackouts: readonly Blackout[]
  /** Whose occurrences these are; spreads the jitter. */
  readonly key: string
}

/**
 * What a change of the clock does to an occurrence. `moved`: the wall never shows its time, so it comes with the first
 * minute that there is. `first-of-two`: the wall shows its time twice, and it comes the first time alone. `second-of-two`:
 * it runs in every hour, and this is the hour that comes again.
 */
export type ClockShift = 'moved' | 'first-of-two' | 'second-of-two'

export interface Occurrence {
  /** The instant it is known by, Unix milliseconds. */
  readonly at: number
  /** When it is to start: `at` and the jitter. */
  readonly dueAt: number
  readonly shift: ClockShift | null
  /** The minute on the wall that was meant. */
  readonly wall: Minute
  readonly isBlackedOut: boolean
}

/** How far ahead is looked for the next one: a leap day on a given weekday can be forty years away. */
const horizonMin = 41 * 366 * dayMin
/** No clock has ever jumped further. */
const longestJumpMin = 2 * dayMin

/**
 * Every occurrence from an instant on, in order; there may be no end to them. All that has to know when something runs
 * asks this: preview, calendar, conflicts and firing cannot differ.
 *
 * A cron expression that names hours follows the wall: a time that a change of the clock leaves out comes with the first
 * minute after it, and a time that comes twice counts once, the first time. One that runs in every hour follows the time
 * that passes. Many that fall on one instant are one.
 */
export function* occurrencesFrom(plan: Plan, from: number): Generator<Occurrence> {
  const first = Math.ceil(from / minuteMs)
  const { timing, zone } = plan
  switch (timing.kind) {
    case 'cron': {
      const { cron } = readCron(timing.cron)
      if (cron) for (const minute of cronMinutes(cron, zone, first)) yield toOccurrence(plan, minute)
      return
    }
    case 'interval': {
      const start = Math.floor(Date.parse(timing.from) / minuteMs)
      const past = Math.max(0, Math.ceil((first - start) / timing.everyMinutes))
      for (let at = start + past * timing.everyMinutes; ; at += timing.everyMinutes) {
        yield toOccurrence(plan, { at, wall: wallAt(zone, at), shift: null })
      }
    }
    case 'once': {
      const wall = readWallText(timing.at)
      if (wall === null) return
      const found = instantOf(wall, zone)
      if (found.at >= first) yield toOccurrence(plan, found)
    }
  }
}

/** The occurrences from an instant on and before another one. */
export function occurrencesBetween(plan: Plan, from: number, before: number): Occurrence[] {
  const found: Occurrence[] = []
  for (const occurrence of occurrencesFrom(plan, from)) {
    if (occurrence.at >= before) break
    found.push(occurrence)
  }
  return found
}

/** The next so many occurrences from an instant on; fewer where there are no more. */
export function nextOccurrences(plan: Plan, from: number, count: number): Occurrence[] {
  const found: Occurrence[] = []
  if (count === 0) return found
  for (const occurrence of occurrencesFrom(plan, from)) {
    found.push(occurrence)
    if (found.length === count) break
  }
  return found
}

interface FoundMinute {
  readonly at: Minute
  readonly wall: Minute
  readonly shift: ClockShift | null
}

function* cronMinutes(cron: Cron, zone: string, first: Minute): Generator<FoundMinute> {
  /** Up to here the wall has been seen, or left out by a jump. */
  let seen: Minute | null = null
  let last = Number.NEGATIVE_INFINITY
  let quietSince = first
  const stretches = stretchesOf(zone, first - longestJumpMin, Number.POSITIVE_INFINITY)
  let stretch = stretches.next().value
  while (stretch && stretch.end - quietSince <= horizonMin) {
    const { start, end, offset } = stretch
    const next = stretches.next().value
    const begins = start + offset
    const comesAgainFrom = end + (next?.offset ?? offset)
    const unseen = cron.isEveryHour || seen === null ? begins : seen
    const from = start >= first ? unseen : Math.max(unseen, first + offset)
    for (const wall of wallMinutesOf(cron, from, end + offset)) {
      const at = Math.max(wall, begins) - offset
      if (at < first || at <= last) continue
      last = at
      quietSince = at
      yield { at, wall, shift: shiftOf(cron, { wall, begins, seen, comesAgainFrom }) }
    }
    seen = Math.max(seen ?? Number.NEGATIVE_INFINITY, end + offset)
    stretch = next
  }
}

interface Place {
  readonly wall: Minute
  /** What the wall shows first in this stretch. */
  readonly begins: Minute
  /** Up to here it has been shown before, or left out. */
  readonly seen: Minute | null
  /** From here on it is shown again after this stretch. */
  readonly comesAgainFrom: Minute
}

function shiftOf(cron: Cron, { wall, begins, seen, comesAgainFrom }: Place): ClockShift | null {
  if (wall < begins) return 'moved'
  if (cron.isEveryHour) return seen !== null && wall < seen ? 'second-of-two' : null
  return wall >= comesAgainFrom ? 'first-of-two' : null
}

/** The first instant at which the wall shows a minute, or what comes in its place. */
function instantOf(wall: Minute, zone: string): FoundMinute {
  let seen = Number.NEGATIVE_INFINITY
  for (const { start, end, offset } of stretchesOf(zone, wall - longestJumpMin, wall + longestJumpMin)) {
    const begins = start + offset
    if (wall < begins && wall >= seen) return { at: start, wall, shift: 'moved' }
    if (wall < end + offset) {
      const again = wallAt(zone, end) <= wall && end + offset > wall
      return { at: wall - offset, wall, shift: again ? 'first-of-two' : null }
    }
    seen = end + offset
  }
  throw new Error(`the wall of ${zone} never shows ${wall}`)
}

function toOccurrence(plan: Plan, { at, wall, shift }: FoundMinute): Occurrence {
  const dueAt = at * minuteMs + jitterOf(plan, at)
  return { at: at * minuteMs, dueAt, shift, wall, isBlackedOut: isBlackedOut(plan, dueAt) }
}

/** Says whether nothing may start at an instant. */
export function isBlackedOut({ blackouts, zone }: Pick<Plan, 'blackouts' | 'zone'>, at: number): boolean {
  if (blackouts.length === 0) return false
  const wall = wallAt(zone, Math.floor(at / minuteMs))
  const day = Math.floor(wall / dayMin)
  const time = wall - day * dayMin
  return blackouts.some(({ days, from, to }) => {
    const begins = minuteOfDay(from)
    const ends = minuteOfDay(to)
    const isOn = (which: number) =>
      days.length === 0 || days.includes(weekdayWords[(((which + 4) % 7) + 7) % 7] as Weekday)
    if (begins < ends) return time >= begins && time < ends && isOn(day)
    return (time >= begins && isOn(day)) || (time < ends && isOn(day - 1))
  })
}

const minuteOfDay = (text: string): Minute => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5))

/** Milliseconds, the same whenever and wherever it is asked: FNV-1a over whose and which. */
function jitterOf({ key, jitterS }: Plan, at: Minute): number {
  if (jitterS === 0) return 0
  let hash = 0x811c9dc5
  for (const character of `${key} ${at}`) {
    hash ^= character.codePointAt(0) ?? 0
    hash = Math.imul(hash, 0x01000193)
  }
  return ((hash >>> 0) % (jitterS + 1)) * 1_000
}
