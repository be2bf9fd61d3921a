import { clsx } from 'clsx'
import { formatPercent } from '../lib/format.ts'

interface MeterProps {
  readonly label: string
  /** 0–100. */
  readonly percent: number
  /** In words, e.g. “412 GB of 500 GB”; the percentage when left out. */
  readonly figure?: string
  /** From here on it is worth a look. */
  readonly warnAt?: number
  /** From here on somebody has to act. */
  readonly failAt?: number
  readonly className?: string
}

/** How full something is. Grey until it matters. */
export function Meter({ label, percent, figure, warnAt = 80, failAt = 95, className }: MeterProps) {
  const shown = figure ?? formatPercent(percent)
  const fill =
    percent >= failAt ? 'bg-status-fail' : percent >= warnAt ? 'bg-status-wait' : 'bg-muted-foreground/70'
  return (
    <div className={clsx('min-w-0', className)}>
      <div className="flex items-baseline justify-between gap-3 text-sm">
        <span className="min-w-0 text-muted-foreground foreign">{label}</span>
        <span className="whitespace-nowrap tabular-nums">{shown}</span>
      </div>
      <div
        role="meter"
        aria-label={label}
        aria-valuenow={Math.round(percent)}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={shown}
        className="mt-1 h-1 overflow-hidden rounded-full bg-muted"
      >
        <div
          style={{ width: `${Math.min(100, Math.max(0, percent))}%` }}
          className={clsx('h-full rounded-full transition-[width]', fill)}
        />
      </div>
    </div>
  )
}
