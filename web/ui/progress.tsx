import { clsx } from 'clsx'

interface ProgressProps {
  /** What is going on; read aloud. */
  readonly label: string
  /** 0–100; without one it only says that something goes on. */
  readonly percent?: number
  readonly className?: string
}

/** A thin bar. */
export function Progress({ label, percent, className }: ProgressProps) {
  const isKnown = percent !== undefined
  return (
    <div
      role="progressbar"
      aria-label={label}
      {...(isKnown && { 'aria-valuenow': Math.round(percent), 'aria-valuemin': 0, 'aria-valuemax': 100 })}
      className={clsx('h-1 w-full overflow-hidden rounded-full bg-muted', className)}
    >
      <div
        style={isKnown ? { width: `${Math.min(100, Math.max(0, percent))}%` } : undefined}
        className={clsx(
          'h-full rounded-full bg-status-run',
          isKnown
            ? 'transition-[width]'
            : 'w-1/3 animate-slide motion-reduce:w-full motion-reduce:opacity-50',
        )}
      />
    </div>
  )
}
