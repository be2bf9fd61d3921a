import type { Snapshot } from './snapshot.ts'

/** Whether words about an earlier run of the same agent on the same node are true of this one. */
export type Reuse =
  | { readonly kind: 'exact' | 'similar'; readonly similarity: number }
  | {
      readonly kind: 'no'
      readonly because: 'schema' | 'findings' | 'hard-facts' | 'new-log' | 'numbers' | 'similarity'
    }

export interface ReuseQuestion {
  readonly now: Snapshot
  readonly candidate: Snapshot
  /** The runs before, of the same agent on the same node; at most fourteen count. */
  readonly history: readonly Snapshot[]
  /** Similarity from 0 to 1 that facts must have. */
  readonly threshold: number
}

const historyCounts = 14
/** No number of percent may jump further than this, however wide it usually moves. */
const mostPoints = 25

/**
 * Says whether an explanation may be used again. Similarity alone never tells two faults apart, so everything that
 * decides must be equal first: a saved call is worth less than a tenth of a cent, a wrong explanation is not.
 */
export function mayReuse({ now, candidate, history, threshold }: ReuseQuestion): Reuse {
  if (now.schema !== candidate.schema) return { kind: 'no', because: 'schema' }
  if (!isSame(now.findings, candidate.findings)) return { kind: 'no', because: 'findings' }
  if (!isSame(now.hard, candidate.hard)) return { kind: 'no', because: 'hard-facts' }
  const known = new Set([candidate, ...history].flatMap(({ templates }) => templates))
  if (now.templates.some((template) => !known.has(template))) return { kind: 'no', because: 'new-log' }
  const past = [candidate, ...history.slice(0, historyCounts)]
  if (!areNumbersUsual(now, candidate, past)) return { kind: 'no', because: 'numbers' }
  if (isSame(now.soft, candidate.soft) && isSame(now.templates, candidate.templates)) {
    return { kind: 'exact', similarity: 1 }
  }
  const similarity = jaccard(now, candidate)
  return similarity >= threshold ? { kind: 'similar', similarity } : { kind: 'no', because: 'similarity' }
}

function areNumbersUsual(now: Snapshot, candidate: Snapshot, past: readonly Snapshot[]): boolean {
  const paths = new Set([...Object.keys(now.numbers), ...Object.keys(candidate.numbers)])
  return [...paths].every((path) => {
    const [value, before] = [now.numbers[path], candidate.numbers[path]]
    // A number that came or went is a thing that came or went.
    if (value === undefined || before === undefined) return false
    if (value === before) return true
    if (isPercent(path) && Math.abs(value - before) >= mostPoints) return false
    const values = past.flatMap(({ numbers }) => numbers[path] ?? [])
    const middle = median(values)
    const spread = median(values.map((one) => Math.abs(one - middle)))
    const allowed = Math.max(8 * spread, 0.15 * Math.abs(middle), leastOf(path))
    return Math.abs(value - middle) <= allowed
  })
}

/** Below this nobody would speak of a change. */
function leastOf(path: string): number {
  if (isPercent(path)) return 3
  if (/(?:^|[._])c$|temp/.test(path)) return 6
  if (/(?:skew|offset)_s$/.test(path)) return 2
  // Shares of time, per cent.
  if (/psi/.test(path)) return 5
  if (/load(?:\.\d)?$|avg/.test(path)) return 0.5
  if (/bytes|size|used|avail|total|free|available/.test(path)) return 2 ** 28
  return 0
}
const isPercent = (path: string): boolean =>
  /(?:pct|percent|busy|idle|iowait|user|system|steal|nice|cap)$/.test(path)

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low = 0, high = 0] =
    sorted.length % 2 ? [sorted[middle], sorted[middle]] : [sorted[middle - 1], sorted[middle]]
  return (low + high) / 2
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one, index) => one === b[index])

/** Shared among all, hard facts and findings counting three times. */
function jaccard(a: Snapshot, b: Snapshot): number {
  const weigh = ({ findings, hard, soft, templates, numbers }: Snapshot) =>
    new Map([
      ...[...findings, ...hard].map((one) => [`h ${one}`, 3] as const),
      ...[...soft, ...templates, ...Object.keys(numbers)].map((one) => [`s ${one}`, 1] as const),
    ])
  const [left, right] = [weigh(a), weigh(b)]
  let shared = 0
  let all = 0
  for (const [one, weight] of left) {
    all += weight
    if (right.has(one)) shared += weight
  }
  for (const [one, weight] of right) if (!left.has(one)) all += weight
  return all === 0 ? 1 : shared / all
}
