import { clsx } from 'clsx'
import { type ConnectionState, useConnection } from '../lib/connection.ts'
import { useMessages } from '../lib/messages.ts'

const dots: Record<ConnectionState, string> = {
  live: 'bg-status-ok',
  connecting: 'bg-status-idle animate-pulse',
  reconnecting: 'bg-status-wait animate-pulse',
  offline: 'bg-status-fail',
}

/** Whether what is on screen is live. */
export function ConnectionPill() {
  const t = useMessages('shell')
  const { state } = useConnection()
  return (
    <span className="hidden items-center gap-1.5 text-xs text-muted-foreground sm:flex" role="status">
      <span aria-hidden className={clsx('size-2 rounded-full motion-reduce:animate-none', dots[state])} />
      {t[state]}
    </span>
  )
}
