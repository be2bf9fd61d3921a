/** The stretch that the timeline shows, milliseconds since 1970. */
export interface Axis {
  readonly fromMs: number
  readonly toMs: number
}

/** From the first start to the last end; what goes on reaches to now. Never empty, so that everything has a place. */
export function axisOf(spans: readonly { startMs: number; endMs: number | null }[], nowMs: number): Axis {
  const fromMs = Math.min(...spans.map(({ startMs }) => startMs))
  const toMs = Math.max(...spans.map(({ startMs, endMs }) => Math.max(startMs, endMs ?? nowMs)))
  return Number.isFinite(fromMs)
    ? { fromMs, toMs: Math.max(toMs, fromMs + 1) }
    : { fromMs: nowMs, toMs: nowMs + 1 }
}

/** Where an instant lies on the axis, percent. */
export const placeOn = ({ fromMs, toMs }: Axis, ms: number): number =>
  (100 * (Math.min(toMs, Math.max(fromMs, ms)) - fromMs)) / (toMs - fromMs)

/** Round distances from the start that divide the axis into at most `most` parts, milliseconds. */
export function ticksOf({ fromMs, toMs }: Axis, most: number): number[] {
  const length = toMs - fromMs
  const step = steps.find((one) => length / one <= most) ?? Math.ceil(length / most / 86_400_000) * 86_400_000
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => index * step)
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const steps = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 4, 6, 12, 24].map((count) => count * hour),
]
