import { toNamed } from './identity.ts'
import { isVolatile } from './volatile.ts'

/** One place where the facts differ. */
export interface Difference {
  readonly path: readonly string[]
  readonly kind: 'added' | 'removed' | 'changed'
  readonly before: unknown
  readonly after: unknown
}

/** Takes differences until it has enough. */
export interface Listener {
  readonly isFull: () => boolean
  readonly tell: (difference: Difference) => void
}
type Fields = Readonly<Record<string, unknown>>

/** Tells every difference between two facts that a person would call one: sets by member, lists by identity. */
export function compareFacts(before: unknown, after: unknown, path: readonly string[], to: Listener): void {
  if (path.length > 0 && isVolatile(path, after ?? before)) return
  if (Object.is(before, after) || to.isFull()) return
  if (isNothing(before) || isNothing(after)) return compareWithNothing(before, after, path, to)
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(before, after, path, to)
  if (isRecord(before) && isRecord(after)) {
    return isDisk(path) ? compareDisks(before, after, path, to) : compareRecords(before, after, path, to)
  }
  if (typeof before === 'number' && typeof after === 'number' && !isTelling(path.at(-1) ?? '', before, after))
    return
  to.tell({ path, kind: 'changed', before, after })
}

function compareWithNothing(before: unknown, after: unknown, path: readonly string[], to: Listener): void {
  if (isNothing(before) && isNothing(after)) return
  // An empty list is no more than no list.
  const there = isNothing(before) ? after : before
  if (Array.isArray(there))
    return isNothing(before) ? compareLists([], there, path, to) : compareLists(there, [], path, to)
  if (isNothing(before)) to.tell({ path, kind: 'added', before: null, after })
  else to.tell({ path, kind: 'removed', before, after: null })
}

function compareRecords(before: Fields, after: Fields, path: readonly string[], to: Listener): void {
  for (const name of Object.keys(before))
    compareFacts(before[name], Object.hasOwn(after, name) ? after[name] : undefined, [...path, name], to)
  for (const name of Object.keys(after))
    if (!Object.hasOwn(before, name)) compareFacts(undefined, after[name], [...path, name], to)
}

function compareLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: readonly string[],
  to: Listener,
): void {
  // A list of measured numbers is a sample of the moment.
  if ([...before, ...after].every((value) => typeof value === 'number') && hasFractions(before, after)) return
  if (before.every(isRecord) && after.every(isRecord)) {
    const named = toNamed(path, before, after)
    if (named) return compareEntries(named.before, named.after, path, to)
  }
  compareEntries(new Map(before.map(byContent)), new Map(after.map(byContent)), path, to)
}

function compareEntries(
  before: Map<string, unknown>,
  after: Map<string, unknown>,
  path: readonly string[],
  to: Listener,
): void {
  for (const [name, value] of before) {
    if (after.has(name)) compareFacts(value, after.get(name), [...path, name], to)
    else if (!isVolatile([...path, name], value))
      to.tell({ path: [...path, name], kind: 'removed', before: value, after: null })
  }
  for (const [name, value] of after) {
    if (!before.has(name) && !isVolatile([...path, name], value))
      to.tell({ path: [...path, name], kind: 'added', before: null, after: value })
  }
}

const byContent = (value: unknown): [string, unknown] => [
  typeof value === 'string' ? value : JSON.stringify(value),
  value,
]

const gib = 2 ** 30

/**
 * A disk moves a little all the time: it has changed when a person would say so, by a point of its capacity or by a
 * gibibyte.
 */
function compareDisks(before: Fields, after: Fields, path: readonly string[], to: Listener): void {
  compareRecords(withoutUse(before), withoutUse(after), path, to)
  if (!hasUse(before) || !hasUse(after)) return
  const points = Math.abs(numberOf(after['pct']) - numberOf(before['pct']))
  const bytes = Math.abs(numberOf(after['used']) - numberOf(before['used']))
  if (points < 1 && bytes < gib) return
  const shown = ({ used, pct }: Fields) => ({ used: numberOf(used), pct: numberOf(pct) })
  to.tell({ path: [...path, 'used'], kind: 'changed', before: shown(before), after: shown(after) })
}

const withoutUse = ({ used: _used, pct: _pct, ...rest }: Fields): Fields => rest

const isDisk = (path: readonly string[]): boolean => path.length === 2 && path[0] === 'disks'
const hasUse = ({ used, pct }: Fields): boolean => Number.isFinite(used) && Number.isFinite(pct)

const sizeName = /(^|_)(bytes|size|used|alloc|total|capacity|disk|memory)$/
const percentName = /(^|_)(pct|percent|cap)$/

/** Whether a number moved so far that it is worth a word. */
function isTelling(name: string, before: number, after: number): boolean {
  const moved = Math.abs(after - before)
  const share = moved / Math.max(Math.abs(before), Math.abs(after))
  if (sizeName.test(name) && Math.max(before, after) > 1_000_000) return moved >= gib || share >= 0.1
  if (percentName.test(name)) return moved >= 1
  return Number.isInteger(before) && Number.isInteger(after) ? true : share >= 0.05
}

const hasFractions = (...lists: (readonly unknown[])[]): boolean =>
  lists.some((list) => list.some((value) => !Number.isInteger(value)))

const numberOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0)
const isNothing = (value: unknown): value is null | undefined => value === null || value === undefined
const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
