import { clsx } from 'clsx'
import type { ReactNode } from 'react'
import { type Tone, toneEdge, toneText, toneTint } from './tone.ts'

interface BadgeProps {
  /** Neutral without one. */
  readonly tone?: Tone
  readonly icon?: ReactNode
  readonly className?: string
  readonly children: ReactNode
}

/** A word in a pill: a tag, a version, a mode. */
export function Badge({ tone, icon, className, children }: BadgeProps) {
  return (
    <span
      title={typeof children === 'string' ? children : undefined}
      className={clsx(
        'inline-flex h-5.5 max-w-full items-center gap-1 rounded-full border px-2 text-xs font-medium [&_svg]:size-3 [&_svg]:shrink-0',
        tone
          ? [toneText[tone], toneTint[tone], toneEdge[tone]]
          : 'border-border bg-muted text-muted-foreground',
        className,
      )}
    >
      {icon}
      <span className="truncate">{children}</span>
    </span>
  )
}
