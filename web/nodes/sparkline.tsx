import { clsx } from 'clsx'
import { curve, type Point } from './curve.ts'

interface SparklineProps {
  readonly points: readonly Point[]
  /** The whole in one sentence, for those who listen. */
  readonly summary: string
  readonly className?: string
}

const width = 120
const height = 28

/** How a figure moved, as a small line without axes. */
export function Sparkline({ points, summary, className }: SparklineProps) {
  const { line, end } = curve(points, width, height)
  return (
    <svg
      role="img"
      aria-label={summary}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      className={clsx('h-7 w-full overflow-visible text-chart-1', className)}
    >
      <path
        d={line}
        fill="none"
        stroke="currentColor"
        strokeWidth={1.5}
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
      {/* A line of no length with round ends is a dot that keeps its shape when the drawing is stretched. */}
      {end && (
        <path
          d={`M${end} l0.001 0`}
          stroke="currentColor"
          strokeWidth={5}
          strokeLinecap="round"
          vectorEffect="non-scaling-stroke"
        />
      )}
    </svg>
  )
}
