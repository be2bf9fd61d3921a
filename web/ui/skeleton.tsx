import { clsx } from 'clsx'
import type { ReactNode } from 'react'
import { useMessages } from '../lib/messages.ts'

/** A grey bar in the place and size of what is still to come. */
export function Skeleton({ className }: { readonly className?: string }) {
  return (
    <div aria-hidden className={clsx('animate-breathe rounded-sm bg-muted', className ?? 'h-4 w-full')} />
  )
}

/** Says once, for those who listen, that the skeletons inside stand for something that loads. */
export function Loading({
  className,
  children,
}: {
  readonly className?: string
  readonly children: ReactNode
}) {
  const t = useMessages('ui')
  return (
    <div role="status" className={className}>
      <span className="sr-only">{t.loading}</span>
      {children}
    </div>
  )
}

/** Lines of a table or list to come. */
export function SkeletonRows({ rows = 5 }: { readonly rows?: number }) {
  return (
    <Loading className="divide-y divide-border">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="flex h-(--row) items-center gap-4 px-4">
          <Skeleton className="h-3.5 w-28" />
          <Skeleton className={clsx('h-3.5 flex-1', row % 3 === 1 ? 'max-w-56' : 'max-w-80')} />
          <Skeleton className="ms-auto h-3.5 w-16" />
        </div>
      ))}
    </Loading>
  )
}
