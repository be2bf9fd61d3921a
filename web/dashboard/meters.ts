import type { LatestMetric } from '../../contract/reports.ts'

export interface NodeMeters {
  /** The fullest file system. */
  readonly disk: { readonly percent: number; readonly mount: string } | null
  readonly memory: number | null
}

/** The two meters of each node. A file system that the last run did not see any more is gone, and does not count. */
export function toMeters(metrics: readonly LatestMetric[]): Map<string, NodeMeters> {
  const byNode = Map.groupBy(metrics, ({ nodeId }) => nodeId as string)
  return new Map(
    [...byNode].map(([id, all]) => {
      const disks = newest(all.filter(({ name }) => name === 'disk.used_pct'))
      const [memory] = newest(all.filter(({ name }) => name === 'memory.used_pct'))
      const fullest = disks.toSorted((a, b) => b.value - a.value)[0]
      return [
        id,
        {
          disk: fullest ? { percent: fullest.value, mount: fullest.labels['mount'] ?? '' } : null,
          memory: memory?.value ?? null,
        },
      ]
    }),
  )
}

function newest(metrics: readonly LatestMetric[]): readonly LatestMetric[] {
  const last = metrics.reduce((at, metric) => (metric.at > at ? metric.at : at), '')
  return metrics.filter(({ at }) => at === last)
}
