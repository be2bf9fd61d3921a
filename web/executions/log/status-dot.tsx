import { clsx } from 'clsx'

export function StatusDot({ isLive }: { readonly isLive: boolean }) {
  return (
    <span
      aria-hidden
      className={clsx('size-2 rounded-full', isLive ? 'animate-breathe bg-status-run' : 'bg-status-wait')}
    />
  )
}
