import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Node } from '../../contract/nodes.ts'
import { api } from '../lib/api.ts'
import { formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { query } from '../lib/query.ts'
import { Button } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Meter } from '../ui/meter.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Sparkline } from '../nodes/sparkline.tsx'
import { formatFigure, type Series, titleOf, toShown } from './figures.ts'

/** As far back as the small curves reach, days. */
const days = 30
const shownAtFirst = 8

/** Since when, to the hour: a query of its own each second would never be answered from memory. */
const since = (): string =>
  new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - days * 86_400_000).toISOString()

/** The figures that agents have reported, each with its last month. */
export function MetricsCard({ node: { id } }: { readonly node: Node }) {
  const t = useMessages('nodes').detail
  const [from] = useState(since)
  const [isAll, setAll] = useState(false)
  const metrics = useQuery(
    query(['metrics', 'history'], api.metrics.history, { params: { id }, query: { since: from } }),
  )
  const series = toShown(metrics.data?.items ?? [])
  const shown = isAll ? series : series.slice(0, shownAtFirst)
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.metrics}</CardTitle>
      </CardHeader>
      {metrics.isPending && <SkeletonRows rows={3} />}
      {metrics.isError && (
        <ErrorPanel error={metrics.error} isCompact className="m-4" onRetry={() => void metrics.refetch()} />
      )}
      {metrics.data && series.length === 0 && (
        <p className="border-t border-border px-4 py-3 text-muted-foreground">{t.noMetrics}</p>
      )}
      {shown.length > 0 && (
        <CardContent>
          <ul className="grid gap-x-8 gap-y-5 sm:grid-cols-2 xl:grid-cols-4">
            {shown.map((one) => (
              <li key={titleOf(one)} className="min-w-0">
                <Figure series={one} />
              </li>
            ))}
          </ul>
          {series.length > shown.length && (
            <Button variant="ghost" size="sm" className="mt-4 -ms-2.5" onClick={() => setAll(true)}>
              {t.allMetrics(formatNumber(series.length))}
            </Button>
          )}
        </CardContent>
      )}
    </Card>
  )
}

function Figure({ series: one }: { readonly series: Series }) {
  const t = useMessages('nodes').detail
  const { name, unit, labels, points } = one
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return null
  const title = [t.metricNames[name] ?? name, ...Object.values(labels)].join(' ')
  const figure = formatFigure(last.value, unit)
  return (
    <>
      {unit === '%' ? (
        <Meter label={title} percent={last.value} figure={figure} />
      ) : (
        <p className="flex items-baseline justify-between gap-3 text-sm">
          <span className="truncate text-muted-foreground foreign">{title}</span>
          <span className="whitespace-nowrap tabular-nums">{figure}</span>
        </p>
      )}
      {points.length > 1 && (
        <Sparkline
          className="mt-2"
          points={points}
          summary={t.metricPoints(
            title,
            formatFigure(first.value, unit),
            figure,
            formatNumber(points.length),
          )}
        />
      )}
    </>
  )
}
