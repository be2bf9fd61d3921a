import { useConnection } from '../../lib/connection.ts'
import { formatNumber } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button } from '../../ui/button.tsx'
import { StatusDot } from './status-dot.tsx'

interface LogStatusProps {
  readonly lastSeq: number
  readonly isComplete: boolean
  readonly trouble: boolean
  readonly onRetry: () => void
}

/** One line below the log: how much there is, and whether more comes. */
export function LogStatus({ lastSeq, isComplete, trouble, onRetry }: LogStatusProps) {
  const t = useMessages('log')
  const { state } = useConnection()
  const count = formatNumber(lastSeq)
  const isOne = lastSeq === 1
  return (
    <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1 border-t border-border bg-card px-3 py-1 text-xs text-muted-foreground">
      {isComplete ? (
        <span>{t.complete(count, isOne)}</span>
      ) : (
        <>
          <span className="inline-flex items-center gap-1.5">
            <StatusDot isLive={state === 'live'} />
            {state === 'live' ? t.live : state === 'offline' ? t.asking : t.resuming(count)}
          </span>
          <span className="tabular-nums">{t.counted(count, isOne)}</span>
        </>
      )}
      {trouble && (
        <span role="alert" className="inline-flex items-center gap-1 text-status-fail">
          {t.trouble}
          <Button size="sm" variant="ghost" className="min-h-6!" onClick={onRetry}>
            {t.retry}
          </Button>
        </span>
      )}
      <span className="ms-auto hidden md:inline">{t.keys}</span>
    </div>
  )
}
