import { readCron } from '../../contract/cron.ts'
import { occurrencesBetween } from '../../contract/occurrences.ts'

/** An amount that somebody typed, with a comma or a point, in billionths of a US dollar; null for what is none. */
export function readUsd(text: string): number | null {
  const trimmed = text.trim().replace(',', '.')
  if (!/^\d{1,7}(\.\d{1,9})?$/.test(trimmed)) return null
  return Math.round(Number(trimmed) * 1e9)
}

/** As it is typed. */
export const toUsd = (nanoUsd: number): string => String(nanoUsd / 1e9)

/** A price for a million tokens in picodollars for one; null for what is none. */
export function readPrice(text: string): number | null {
  const nano = readUsd(text)
  if (nano === null || nano > 10_000 * 1e9) return null
  return Math.round(nano / 1_000)
}

/** What a schedule comes to in a month of thirty days. */
export function planMonth(plan: {
  readonly nodes: number
  readonly runsPerDay: number
  /** Of a hundred runs, those that have something new. */
  readonly askPercent: number
  readonly likelyNanoUsd: number
  readonly mostNanoUsd: number
}) {
  const runs = Math.round(plan.nodes * plan.runsPerDay * 30)
  const calls = Math.ceil((runs * plan.askPercent) / 100)
  return { runs, calls, likelyNanoUsd: calls * plan.likelyNanoUsd, mostNanoUsd: calls * plan.mostNanoUsd }
}

/** Runs in the thirty days from an instant by a cron expression; null for what is none. */
export function cronRunsInAMonth(cron: string, from: Date): number | null {
  const { problem } = readCron(cron)
  if (problem) return null
  const plan = { timing: { kind: 'cron', cron }, zone: 'UTC', jitterS: 0, blackouts: [], key: '' } as const
  const start = from.getTime()
  return occurrencesBetween(plan, start, start + 30 * 86_400_000).length
}
