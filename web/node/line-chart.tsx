import { formatDateTime, formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { curve } from '../nodes/curve.ts'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'
import { formatFigure, type Series, titleOf } from './figures.ts'

const width = 800
const height = 180
/** Rows of the twin; the rest says the same more finely. */
const rowsShown = 200

/** How a figure moved, with its lowest and highest value and its first and last day. */
export function LineChart({ series }: { readonly series: Series }) {
  const t = useMessages('nodes').story
  const { points, unit } = series
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return null
  const values = points.map(({ value }) => value)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const { line } = curve(points, width, height)
  const summary = t.chartSummary(
    titleOf(series),
    formatFigure(first.value, unit),
    formatFigure(last.value, unit),
    formatFigure(low, unit),
    formatFigure(high, unit),
  )
  return (
    <figure>
      <div className="relative">
        <svg
          role="img"
          aria-label={summary}
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          className="h-44 w-full overflow-visible text-chart-1"
        >
          {[0, 0.5, 1].map((share) => (
            <line
              key={share}
              x1={0}
              x2={width}
              y1={3 + share * (height - 6)}
              y2={3 + share * (height - 6)}
              stroke="var(--border)"
              vectorEffect="non-scaling-stroke"
            />
          ))}
          <path
            d={line}
            fill="none"
            stroke="currentColor"
            strokeWidth={2}
            strokeLinejoin="round"
            vectorEffect="non-scaling-stroke"
          />
        </svg>
        <span
          aria-hidden
          className="absolute top-1 start-0 rounded-sm bg-card px-1 text-xs text-muted-foreground tabular-nums"
        >
          {formatFigure(high, unit)}
        </span>
        <span
          aria-hidden
          className="absolute bottom-1 start-0 rounded-sm bg-card px-1 text-xs text-muted-foreground tabular-nums"
        >
          {formatFigure(low, unit)}
        </span>
      </div>
      <div aria-hidden className="mt-1 flex justify-between text-xs text-muted-foreground tabular-nums">
        <span>{formatDateTime(first.at)}</span>
        <span>{formatDateTime(last.at)}</span>
      </div>
      <figcaption className="mt-2 text-sm text-muted-foreground foreign">{summary}</figcaption>
    </figure>
  )
}

/** The same as a table, newest first. */
export function PointsTable({ series }: { readonly series: Series }) {
  const t = useMessages('nodes').story
  const points = series.points.toReversed()
  return (
    <>
      <div
        className="max-h-72 overflow-y-auto [--top-bar:0px]"
        tabIndex={0}
        role="region"
        aria-label={titleOf(series)}
      >
        <Table label={titleOf(series)}>
          <TableHead>
            <Th>{t.when}</Th>
            <Th align="right">{t.value}</Th>
          </TableHead>
          <TableBody>
            {points.slice(0, rowsShown).map(({ at, value }) => (
              <Row key={at}>
                <Td className="tabular-nums">{formatDateTime(at)}</Td>
                <Td align="right">{formatFigure(value, series.unit)}</Td>
              </Row>
            ))}
          </TableBody>
        </Table>
      </div>
      {points.length > rowsShown && (
        <p className="mt-2 text-sm text-muted-foreground">{t.newest(formatNumber(rowsShown))}</p>
      )}
    </>
  )
}
