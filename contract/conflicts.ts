import type { Timing } from './occurrences.ts'
import { minuteMs, readWallText, toWallText } from './zone-clock.ts'

/** A schedule as conflicts look at it: when it will run, where, and for how long. */
export interface Load<Id extends string = string> {
  readonly id: Id
  readonly nodeIds: readonly string[]
  /** How long a run takes on one node, milliseconds. */
  readonly usualMs: number
  /** What models will likely cost in one run, over all its nodes. */
  readonly costNanoUsd: number
  /** When it starts, Unix milliseconds, in order. Of what starts very often, the first of them. */
  readonly runs: readonly number[]
  /** How often it starts in each of the thirty days to come, all of them. */
  readonly perDay: readonly number[]
}

/**
 * What stands in each other's way. `overlap`: two run on the same nodes at the same time, so one waits for the other.
 * `pile-up`: many start in the same minute. `budget`: what is likely spent is more than a limit allows.
 */
export type Conflict<Id extends string = string> =
  | {
      readonly kind: 'overlap'
      readonly ids: readonly Id[]
      readonly nodeIds: readonly string[]
      /** The first time, Unix milliseconds, and how often in the time that is looked at. */
      readonly at: number
      readonly times: number
    }
  | { readonly kind: 'pile-up'; readonly ids: readonly Id[]; readonly at: number; readonly times: number }
  | {
      readonly kind: 'budget'
      readonly limit: 'day' | 'month'
      readonly ids: readonly Id[]
      /** The first day that goes over it, or the begin of the time. */
      readonly at: number
      readonly likelyNanoUsd: number
      readonly limitNanoUsd: number
    }

/** From so many in one minute on, they are in each other's way. */
export const pileUpFrom = 5
const dayMs = 86_400_000
/** Costs are summed over so many days for the limit of a month. */
export const monthDays = 30

/** What is likely to be in each other's way, the most frequent first. */
export function findConflicts<Id extends string>(
  loads: readonly Load<Id>[],
  limits: { readonly dayNanoUsd: number | null; readonly monthNanoUsd: number | null },
  from: number,
): Conflict<Id>[] {
  return [...findOverlaps(loads), ...findPileUps(loads), ...findBudget(loads, limits, from)]
}

interface Stay<Id extends string> {
  readonly id: Id
  readonly nodeId: string
  readonly start: number
  readonly end: number
}

function findOverlaps<Id extends string>(loads: readonly Load<Id>[]): Conflict<Id>[] {
  const byNode = new Map<string, Stay<Id>[]>()
  for (const { id, nodeIds, usualMs, runs } of loads) {
    for (const nodeId of nodeIds) {
      const stays = byNode.get(nodeId) ?? []
      for (const start of runs) stays.push({ id, nodeId, start, end: start + Math.max(1, usualMs) })
      byNode.set(nodeId, stays)
    }
  }
  const place = new Map(loads.map(({ id }, index) => [id, index]))
  const isBefore = (one: Id, other: Id) => (place.get(one) ?? 0) < (place.get(other) ?? 0)
  const pairs = new Map<string, { ids: [Id, Id]; nodeIds: Set<string>; starts: Set<number>; at: number }>()
  for (const stays of byNode.values()) {
    stays.sort((one, other) => one.start - other.start)
    let open: Stay<Id>[] = []
    for (const stay of stays) {
      open = open.filter(({ end }) => end > stay.start)
      for (const before of open) {
        // One that is slower than its own interval is what its own setting for overlaps is for.
        if (before.id === stay.id) continue
        const ids: [Id, Id] = isBefore(before.id, stay.id) ? [before.id, stay.id] : [stay.id, before.id]
        const key = ids.join(' ')
        const pair = pairs.get(key) ?? { ids, nodeIds: new Set(), starts: new Set(), at: stay.start }
        pair.nodeIds.add(stay.nodeId)
        pair.starts.add(stay.start)
        pair.at = Math.min(pair.at, stay.start)
        pairs.set(key, pair)
      }
      open.push(stay)
    }
  }
  return [...pairs.values()]
    .map(({ ids, nodeIds, starts, at }) => ({
      kind: 'overlap' as const,
      ids,
      nodeIds: [...nodeIds],
      at,
      times: starts.size,
    }))
    .sort((one, other) => other.times - one.times || one.at - other.at)
}

const minuteOf = (at: number): number => Math.floor(at / minuteMs)

function findPileUps<Id extends string>(loads: readonly Load<Id>[]): Conflict<Id>[] {
  const byMinute = new Map<number, Set<Id>>()
  for (const { id, runs } of loads) {
    for (const at of runs) {
      const ids = byMinute.get(minuteOf(at)) ?? new Set()
      byMinute.set(minuteOf(at), ids.add(id))
    }
  }
  const found = new Map<string, { ids: Id[]; at: number; times: number }>()
  for (const [minute, ids] of [...byMinute].sort(([one], [other]) => one - other)) {
    if (ids.size < pileUpFrom) continue
    const key = [...ids].sort().join(' ')
    const known = found.get(key)
    if (known) known.times++
    else found.set(key, { ids: [...ids], at: minute * minuteMs, times: 1 })
  }
  return [...found.values()]
    .map((one) => ({ kind: 'pile-up' as const, ...one }))
    .sort((one, other) => other.times - one.times || one.at - other.at)
}

function findBudget<Id extends string>(
  loads: readonly Load<Id>[],
  { dayNanoUsd, monthNanoUsd }: { readonly dayNanoUsd: number | null; readonly monthNanoUsd: number | null },
  from: number,
): Conflict<Id>[] {
  const days: { likely: number; ids: Id[] }[] = []
  const month = { likely: 0, ids: [] as Id[] }
  for (const { id, perDay, costNanoUsd } of loads) {
    if (costNanoUsd === 0 || perDay.every((times) => times === 0)) continue
    for (let day = 0; day < monthDays; day++) {
      const likely = costNanoUsd * (perDay[day] ?? 0)
      const sum = (days[day] ??= { likely: 0, ids: [] })
      if (likely === 0) continue
      sum.likely += likely
      sum.ids.push(id)
      month.likely += likely
    }
    month.ids.push(id)
  }
  const found: Conflict<Id>[] = []
  const day = dayNanoUsd === null ? -1 : days.findIndex(({ likely }) => likely > dayNanoUsd)
  const first = days[day]
  if (first && dayNanoUsd !== null) {
    const { likely, ids } = first
    found.push({
      kind: 'budget',
      limit: 'day',
      ids,
      at: from + day * dayMs,
      likelyNanoUsd: likely,
      limitNanoUsd: dayNanoUsd,
    })
  }
  if (monthNanoUsd !== null && month.likely > monthNanoUsd) {
    found.push({
      kind: 'budget',
      limit: 'month',
      ids: month.ids,
      at: from,
      likelyNanoUsd: month.likely,
      limitNanoUsd: monthNanoUsd,
    })
  }
  return found
}

/**
 * The same times, so many minutes later or earlier; null where that cannot be said without becoming another day, another
 * hour of several, or another rhythm.
 */
export function shiftTiming(timing: Timing, byMinutes: number): Timing | null {
  switch (timing.kind) {
    case 'interval':
      return {
        ...timing,
        from: new Date(Date.parse(timing.from) + byMinutes * minuteMs).toISOString(),
      }
    case 'once': {
      const wall = readWallText(timing.at)
      return wall === null ? null : { ...timing, at: toWallText(wall + byMinutes) }
    }
    case 'cron': {
      const named = namedTimes[timing.cron.trim().toLowerCase()] ?? timing.cron.trim()
      const [minute = '', hour = '', ...days] = named.split(/\s+/)
      if (!/^\d{1,2}$/.test(minute) || days.length !== 3) return null
      if (/^\d{1,2}$/.test(hour)) {
        const at = Number(hour) * 60 + Number(minute) + byMinutes
        return at < 0 || at >= 1_440
          ? null
          : { kind: 'cron', cron: [at % 60, Math.floor(at / 60), ...days].join(' ') }
      }
      const at = Number(minute) + byMinutes
      return at < 0 || at >= 60 ? null : { kind: 'cron', cron: [at, hour, ...days].join(' ') }
    }
  }
}

/** Those whose minute can be moved. */
const namedTimes: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
}

/** A schedule that may be moved. */
export interface MovableLoad<Id extends string = string> extends Load<Id> {
  /** When it would start if its times were moved; null where they cannot be, or nothing may start then. */
  runsMoved(byMinutes: number): readonly number[] | null
}

/** Ways to move, the smallest first, and later before earlier: minutes. */
const stepMin = 5
const furthestMin = 180

/**
 * Proposes by how many minutes to move schedules, so that they are out of each other's way. What cannot be moved stays where
 * it is, and so do those that come first in the list; one that finds no room within three hours stays as well.
 */
export function spread<Id extends string>(loads: readonly MovableLoad<Id>[]): Map<Id, number> {
  const inConflict = new Set([...findOverlaps(loads), ...findPileUps(loads)].flatMap(({ ids }) => ids))
  const room = createRoom()
  const staying = new Set(
    loads.filter(
      (load) =>
        !inConflict.has(load.id) || (load.runsMoved(stepMin) === null && load.runsMoved(-stepMin) === null),
    ),
  )
  for (const load of staying) room.place(load, load.runs)
  const moves = new Map<Id, number>()
  for (const load of loads) {
    if (staying.has(load)) continue
    const found = waysToMove().find((by) => {
      const runs = by === 0 ? load.runs : load.runsMoved(by)
      if (runs === null || !room.fits(load, runs)) return false
      room.place(load, runs)
      return true
    })
    if (found === undefined) room.place(load, load.runs)
    else if (found !== 0) moves.set(load.id, found)
  }
  return moves
}

function waysToMove(): number[] {
  const ways = [0]
  for (let by = stepMin; by <= furthestMin; by += stepMin) ways.push(by)
  for (let by = stepMin; by <= furthestMin; by += stepMin) ways.push(-by)
  return ways
}

/** What is placed already: when each node is busy, and how many start in each minute. */
function createRoom() {
  const busy = new Map<string, { start: number; end: number }[]>()
  const longest = new Map<string, number>()
  const starts = new Map<number, number>()

  function fits({ nodeIds, usualMs }: Load, runs: readonly number[]): boolean {
    return runs.every((start) => {
      if ((starts.get(minuteOf(start)) ?? 0) >= pileUpFrom - 1) return false
      return nodeIds.every((nodeId) => {
        const stays = busy.get(nodeId) ?? []
        const end = start + Math.max(1, usualMs)
        // None that began earlier than this can still go on.
        for (let at = firstFrom(stays, start - (longest.get(nodeId) ?? 0)); at < stays.length; at++) {
          const stay = stays[at]
          if (!stay || stay.start >= end) return true
          if (stay.end > start) return false
        }
        return true
      })
    })
  }

  function place({ nodeIds, usualMs }: Load, runs: readonly number[]): void {
    const takes = Math.max(1, usualMs)
    for (const minute of new Set(runs.map(minuteOf))) starts.set(minute, (starts.get(minute) ?? 0) + 1)
    for (const nodeId of nodeIds) {
      const stays = [...(busy.get(nodeId) ?? []), ...runs.map((start) => ({ start, end: start + takes }))]
      busy.set(
        nodeId,
        stays.sort((one, other) => one.start - other.start),
      )
      longest.set(nodeId, Math.max(longest.get(nodeId) ?? 0, takes))
    }
  }

  return { fits, place }
}

/** The place of the first that begins at a moment or later. */
function firstFrom(stays: readonly { readonly start: number }[], from: number): number {
  let low = 0
  let high = stays.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((stays[middle]?.start ?? 0) < from) low = middle + 1
    else high = middle
  }
  return low
}
