import type { z } from 'zod'
import type { series } from '../../contract/reports.ts'
import { formatBytes, formatDuration, formatNumber, formatPercent, inOne } from '../lib/format.ts'

export type Series = z.infer<typeof series>

/** What people look for first; the rest follows by name. */
const order = ['disk.used_pct', 'memory.used_pct', 'cpu.busy', 'temperature', 'load', 'pressure', 'swap.used']
/** Said in percent already. */
const doubles = new Set(['disk.used', 'memory.used'])

/** The series worth a look, the most asked for first. */
export function toShown(all: readonly Series[]): Series[] {
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)
  return all
    .filter(({ name, points }) => points.length > 0 && !doubles.has(name))
    .toSorted(
      (a, b) =>
        rank(a.name) - rank(b.name) || titleOf(a).localeCompare(titleOf(b), undefined, { numeric: true }),
    )
}

/** “disk.used_pct /var”: the name, and what tells it from others of the name. */
export const titleOf = ({ name, labels }: Pick<Series, 'name' | 'labels'>): string =>
  [name, ...Object.values(labels)].join(' ')

/** A value as people read it. Units come from agents, so an unknown one is only written behind. */
export function formatFigure(value: number, unit: string): string {
  if (unit === '%') return formatPercent(value, value < 10 ? 1 : 0)
  if (unit === 'bytes') return formatBytes(value)
  if (unit === 's') return formatDuration(value * 1_000)
  return inOne([formatNumber(value, 2), unit].filter(Boolean).join(' '))
}
