export type FactValue = string | number | boolean | null

/** What tells entries of a list apart, the most telling first. */
const labels = ['mount', 'name', 'unit', 'where', 'id', 'target', 'path', 'device', 'user'] as const

/** Facts of one report that are looked at; the rest of a larger one is left out. */
const factsMax = 20_000

/**
 * The single values among facts with their places, e.g. `disks[/var].pct`. An entry of a list is called by what it is
 * rather than where it stands, so that a place means the same in another report; a list of plain values is one value.
 */
export function* factsOf(
  facts: Readonly<Record<string, unknown>>,
): Generator<[path: string, value: FactValue]> {
  let count = 0
  for (const fact of walk('', facts)) {
    if (++count > factsMax) return
    yield fact
  }
}

/** The value at one place; undefined where there is none. It looks only where the place can be. */
export function factAt(facts: Readonly<Record<string, unknown>>, wanted: string): FactValue | undefined {
  for (const [path, value] of walk('', facts, wanted)) if (path === wanted) return value
  return undefined
}

function* walk(path: string, value: unknown, wanted?: string): Generator<[string, FactValue]> {
  if (wanted !== undefined && !wanted.startsWith(path)) return
  if (Array.isArray(value)) {
    if (value.every(isPlain)) {
      if (value.length > 0) yield [path, value.map(String).join(', ')]
      return
    }
    for (const [place, entry] of value.entries())
      yield* walk(`${path}[${labelOf(entry, place)}]`, entry, wanted)
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value))
      yield* walk(path === '' ? name : `${path}.${name}`, inner, wanted)
  } else if (isPlain(value)) yield [path, value]
}

const isPlain = (value: unknown): value is FactValue =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)

function labelOf(entry: unknown, place: number): string {
  if (typeof entry !== 'object' || entry === null) return String(place)
  const found = labels.map((label) => (entry as Record<string, unknown>)[label]).find(isLabel)
  return found === undefined ? String(place) : String(found)
}

const isLabel = (value: unknown): value is string | number =>
  (typeof value === 'string' && value !== '') || typeof value === 'number'
