import { clsx } from 'clsx'
import type { ComponentProps, ReactNode } from 'react'

export function Card({ className, ...rest }: ComponentProps<'section'>) {
  return <section {...rest} className={clsx('min-w-0 rounded-lg border border-border bg-card', className)} />
}

interface CardHeaderProps extends Omit<ComponentProps<'div'>, 'title'> {
  /** At the right: links and buttons about the whole card. */
  readonly actions?: ReactNode
}

export function CardHeader({ actions, className, children, ...rest }: CardHeaderProps) {
  return (
    <div
      {...rest}
      className={clsx(
        'flex min-h-12 flex-wrap items-center justify-between gap-x-3 gap-y-1 px-4 py-2',
        className,
      )}
    >
      <div className="min-w-0">{children}</div>
      {actions && <div className="flex min-w-0 flex-wrap items-center gap-2">{actions}</div>}
    </div>
  )
}

export function CardTitle({ className, ...rest }: ComponentProps<'h2'>) {
  return <h2 {...rest} className={clsx('min-w-0 font-semibold', className)} />
}

export function CardContent({ className, ...rest }: ComponentProps<'div'>) {
  return <div {...rest} className={clsx('px-4 pb-4', className)} />
}
