/** Minutes since 1970, by UTC or, where it says wall, as the clock of a zone shows them. */
export type Minute = number

export const minuteMs = 60_000
export const dayMin = 1_440

/** A stretch of time in which the clock of a zone runs without a jump; the end does not belong to it. */
export interface Stretch {
  readonly start: Minute
  readonly end: Minute
  /** What the wall is ahead of UTC. */
  readonly offset: Minute
}

/** Jumps are looked for this far apart. No zone has ever changed its clock twice within it and back. */
const strideMin = dayMin
/** What is found out at a time, and kept. */
const windowMin = 365 * dayMin

const formats = new Map<string, Intl.DateTimeFormat>()
const windows = new Map<string, Map<number, readonly Stretch[]>>()

/** Throws a `RangeError` for a zone that nobody knows. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  formats.set(zone, made)
  return made
}

/** Says whether a time zone is known here, such as `Europe/Berlin`. */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone)
    return true
  } catch {
    return false
  }
}

/** What the wall of a zone is ahead of UTC at a minute, as the tables of the system say. */
export function offsetAt(zone: string, minute: Minute): Minute {
  // `03/29/2026, 02:30`
  const shown = formatOf(zone).format(minute * minuteMs)
  const part = (start: number, end: number) => Number(shown.slice(start, end))
  const wall = Date.UTC(part(6, 10), part(0, 2) - 1, part(3, 5), part(12, 14), part(15, 17))
  return wall / minuteMs - minute
}

function stretchesIn(zone: string, window: number): readonly Stretch[] {
  let ofZone = windows.get(zone)
  if (!ofZone) windows.set(zone, (ofZone = new Map()))
  let found = ofZone.get(window)
  if (!found) ofZone.set(window, (found = lookThrough(zone, window * windowMin, (window + 1) * windowMin)))
  return found
}

function lookThrough(zone: string, from: Minute, to: Minute): Stretch[] {
  const found: Stretch[] = []
  let start = from
  let offset = offsetAt(zone, from)
  for (let at = from; at < to; at += strideMin) {
    const next = Math.min(at + strideMin, to)
    if (offsetAt(zone, next) === offset) continue
    const jump = firstWithOther(zone, at, next, offset)
    if (jump >= to) break
    found.push({ start, end: jump, offset })
    start = jump
    offset = offsetAt(zone, jump)
  }
  found.push({ start, end: to, offset })
  return found
}

/** The first minute in `(same, other]` whose offset is another one. */
function firstWithOther(zone: string, same: Minute, other: Minute, offset: Minute): Minute {
  let before = same
  let after = other
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (offsetAt(zone, middle) === offset) before = middle
    else after = middle
  }
  return after
}

/**
 * The stretches of a zone from a minute on, in order and without holes, until one begins at `to` or later. Two in a row
 * may have the same offset.
 */
export function* stretchesOf(zone: string, from: Minute, to: Minute): Generator<Stretch, undefined> {
  for (let index = Math.floor(from / windowMin); index * windowMin < to; index++) {
    for (const stretch of stretchesIn(zone, index)) {
      if (stretch.end > from && stretch.start < to) yield stretch
    }
  }
}

/** What the clock of a zone shows at a minute. */
export function wallAt(zone: string, minute: Minute): Minute {
  const stretches = stretchesIn(zone, Math.floor(minute / windowMin))
  const stretch = stretches.findLast(({ start }) => start <= minute)
  return minute + (stretch?.offset ?? 0)
}

/** The next time that the clock of a zone jumps, and by how many minutes; null within this time. */
export function nextJump(zone: string, from: Minute, within: Minute): { at: Minute; by: Minute } | null {
  let before: Stretch | null = null
  for (const stretch of stretchesOf(zone, from, from + within)) {
    const by = before ? stretch.offset - before.offset : 0
    if (by !== 0 && stretch.start > from) return { at: stretch.start, by }
    before = stretch
  }
  return null
}

/** `2026-03-29T02:30` of a minute on the wall. */
export const toWallText = (wall: Minute): string => new Date(wall * minuteMs).toISOString().slice(0, 16)

/** The minute on the wall that `2026-03-29T02:30` names; null for a date or a time that no calendar has. */
export function readWallText(text: string): Minute | null {
  const at = Date.parse(`${text}:00Z`)
  return Number.isNaN(at) || toWallText(at / minuteMs) !== text ? null : at / minuteMs
}
