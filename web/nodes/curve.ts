/** A value at an instant, ISO 8601. */
export interface Point {
  readonly at: string
  readonly value: number
}

/** Room above and below, so that the line is not cut where it is highest. */
const margin = 3

/**
 * The path of a line through the points, time from left to right, the highest value on top. A figure that never moved
 * lies in the middle. `end` is where the line ends, null without points.
 */
export function curve(
  points: readonly Point[],
  width: number,
  height: number,
): { line: string; end: string | null } {
  const times = points.map(({ at }) => Date.parse(at))
  const values = points.map(({ value }) => value)
  const [from, to] = [Math.min(...times), Math.max(...times)]
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const places = points.map((_, place) => {
    const x = to > from ? (((times[place] as number) - from) / (to - from)) * width : width
    const share = high > low ? ((values[place] as number) - low) / (high - low) : 0.5
    const y = height - margin - share * (height - 2 * margin)
    return `${round(x)} ${round(y)}`
  })
  const [first] = places
  // A single value is a line across, or it would not be seen.
  if (places.length === 1 && first) return { line: `M0 ${first.split(' ')[1]}L${first}`, end: first }
  return { line: places.length > 0 ? `M${places.join('L')}` : '', end: places.at(-1) ?? null }
}

const round = (value: number): number => Math.round(value * 10) / 10
