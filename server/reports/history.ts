/** When a sample was taken, and its JSON text. */
export interface StoredSample {
  readonly at: string
  readonly value: string
}

/** Points of one key that an agent gets back: what a forecast needs, and no more. */
export const pointsMax = 120
/** How far back a forecast looks (Theil–Sen over 30 days), and the fewest points that are given back anyway. */
const windowDays = 30
const pointsAtLeast = 12

/** Takes `count` of many evenly, always with the first and the last. */
export function thin<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items]
  if (count <= 1) return items.slice(-1)
  const step = (items.length - 1) / (count - 1)
  return Array.from({ length: count }, (_, place) => items[Math.round(place * step)] as Item)
}

/** Chooses which samples of a key are worth reading: the last 30 days, or the last few if those are older. */
export function chooseMoments(moments: readonly string[], now: Date): string[] {
  const since = new Date(now.getTime() - windowDays * 86_400_000).toISOString()
  const fresh = moments.filter((at) => at >= since)
  return thin(fresh.length >= pointsAtLeast ? fresh : moments.slice(-pointsAtLeast), pointsMax)
}

/**
 * Makes the samples of all keys fit together: the key that takes the most is thinned to half, again and again. The
 * newest sample of a key goes only when even those are too much together.
 */
export function fitWithin(
  samples: ReadonlyMap<string, readonly StoredSample[]>,
  maxBytes: number,
): Record<string, [number, unknown][]> {
  const sized = [...samples].map(([key, points]) => ({ key, points, bytes: sizeOf(key, points) }))
  const total = () => sized.reduce((sum, { bytes }) => sum + bytes, 2)
  while (sized.length > 0 && total() > maxBytes) {
    const thinnable = sized.filter(({ points }) => points.length > 1)
    const largest = (thinnable.length > 0 ? thinnable : sized).reduce((a, b) => (b.bytes > a.bytes ? b : a))
    if (thinnable.length === 0) sized.splice(sized.indexOf(largest), 1)
    largest.points = thin(largest.points, Math.floor(largest.points.length / 2))
    largest.bytes = sizeOf(largest.key, largest.points)
  }
  return Object.fromEntries(sized.map(({ key, points }) => [key, points.map(toPoint)]))
}

/** Bytes of `"key":[[1795330000.123,value],…],` in JSON. */
const sizeOf = (key: string, points: readonly StoredSample[]): number =>
  points.reduce((sum, { value }) => sum + Buffer.byteLength(value) + 20, Buffer.byteLength(key) + 8)

const toPoint = ({ at, value }: StoredSample): [number, unknown] => [
  Date.parse(at) / 1_000,
  JSON.parse(value),
]
