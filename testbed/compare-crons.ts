import { occurrencesBetween, type Plan } from '../contract/occurrences.ts'
import { slowOccurrences, wallsOf } from './cron-oracle.ts'

const minuteMs = 60_000
/** Before the time that is compared, the oracle looks this far back for a clock that was just set. */
const leadMin = 3 * 1_440

/** Kinds of expressions that have gone wrong somewhere; the rest is made by chance. */
export const telling = [
  '30 2 * * *',
  '0 0 * * *',
  '*/15 * * * *',
  '30 1 * * *',
  '*/20 1-3 * * *',
  '0 */2 * * *',
  '59 23 * * *',
  '5 0 29 2 *',
  '0 3 31 * *',
  '0 4 13 * FRI',
  '15 0 1 JAN,JUL *',
  '45 2 * * SUN',
]

/** Made of a seed: the same ones for the same seed. */
export function makeCrons(seed: number, count: number): string[] {
  let state = seed >>> 0
  // mulberry32
  const next = (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
  const field = (least: number, most: number, anyOf: number): string => {
    if (next(10) < anyOf) return '*'
    const value = () => least + next(most - least + 1)
    switch (next(4)) {
      case 0:
        return `*/${1 + next(Math.max(1, most - least))}`
      case 1: {
        const [one, other] = [value(), value()].sort((a, b) => a - b)
        return `${one}-${other}`
      }
      case 2:
        return [...new Set([value(), value(), value()])].join(',')
      default:
        return String(value())
    }
  }
  return Array.from(
    { length: count },
    () => `${field(0, 59, 1)} ${field(0, 23, 3)} ${field(1, 28, 7)} ${field(1, 12, 8)} ${field(0, 6, 6)}`,
  )
}

export interface Comparison {
  /** Zones × expressions × years. */
  readonly zoneCronYears: number
  readonly occurrences: number
  /** The first of each pair that differs, in words. */
  readonly differences: readonly string[]
}

/** Compares the occurrences of the product with those of the oracle in one zone. */
export function compareZone(
  zone: string,
  crons: readonly string[],
  years: readonly [number, number],
): Comparison {
  const from = Date.UTC(years[0], 0, 1) / minuteMs
  const before = Date.UTC(years[1] + 1, 0, 1) / minuteMs
  const walls = wallsOf(zone, from - leadMin, before)
  const differences: string[] = []
  let occurrences = 0
  for (const cron of crons) {
    const plan: Plan = { timing: { kind: 'cron', cron }, zone, jitterS: 0, blackouts: [], key: '' }
    const fast = occurrencesBetween(plan, from * minuteMs, before * minuteMs).map(({ at }) => at / minuteMs)
    const slow = slowOccurrences(cron, walls).filter((minute) => minute >= from)
    occurrences += slow.length
    const at = slow.findIndex((minute, index) => minute !== fast[index])
    if (at < 0 && slow.length === fast.length) continue
    const told = (minute: number | undefined) =>
      minute === undefined ? 'nothing' : new Date(minute * minuteMs).toISOString()
    const place = at < 0 ? slow.length : at
    differences.push(`${zone}, ${cron}: expected ${told(slow[place])}, got ${told(fast[place])}`)
  }
  return { zoneCronYears: crons.length * (years[1] - years[0] + 1), occurrences, differences }
}
