/** One way of doing a piece of work, beside others that do the same. */
export interface Contender {
  readonly name: string
  /** What has to be so before each round; its time does not count. */
  readonly prepare?: () => Promise<void>
  /** Returns the milliseconds that count, where that is not all of it. */
  readonly perform: () => Promise<number | void>
  /** Takes part in every n-th round only; for work that takes long. */
  readonly every?: number
}

/** Milliseconds, one for each round. */
export type Timings = ReadonlyMap<string, readonly number[]>

interface Rounds {
  readonly rounds: number
  /** Resolves when the machine is quiet, or it is no use waiting. */
  readonly quiet: () => Promise<void>
  readonly say?: (line: string) => void
}

/**
 * Lets all contenders do their work in turn, round after round, so that a busy minute is shared by all. The first
 * round warms up and does not count. Everybody begins once: a round starts one place further on than the last.
 */
export async function takeTurns(contenders: readonly Contender[], { rounds, quiet, say }: Rounds) {
  const timings = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    await quiet()
    for (const { name, prepare, perform, every = 1 } of turned(contenders, round)) {
      // The first round that counts has everybody in it, however rarely they take part.
      if (round > 0 && (round - 1) % every !== 0) continue
      await prepare?.()
      const begun = performance.now()
      const told = await perform()
      const took = told ?? performance.now() - begun
      if (round > 0) timings.get(name)?.push(took)
      else say?.(`  warm-up: ${name}, ${took.toFixed(0)} ms`)
    }
  }
  return timings as Timings
}

/** The same list, beginning `by` places further on. */
export function turned<Item>(items: readonly Item[], by: number): Item[] {
  const start = items.length === 0 ? 0 : by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}

/** The value that `share` of all values do not exceed (nearest rank). NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = Math.max(1, Math.ceil(share * sorted.length))
  return sorted[rank - 1] ?? Number.NaN
}

/** The value in the middle; of an even number, the mean of the two there. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)] ?? Number.NaN
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? Number.NaN)) / 2 : upper
}

/** How often the second fits into the first, by their medians. */
export function ratio(timings: Timings, of: string, to: string): number {
  return median(timings.get(of) ?? []) / median(timings.get(to) ?? [])
}
