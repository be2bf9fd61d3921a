import { clsx } from 'clsx'
import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { useMessages } from '../lib/messages.ts'

interface EmptyStateProps {
  readonly icon: LucideIcon
  readonly title: ReactNode
  /** One sentence: why there is nothing, and what would change that. */
  readonly text?: ReactNode
  /** The one thing to do about it. */
  readonly action?: ReactNode
  /** Name of the page of the guide that tells more: `schedules`. */
  readonly guide?: string
  readonly className?: string
}

/** What a list shows while it has nothing. */
export function EmptyState({ icon: Icon, title, text, action, guide, className }: EmptyStateProps) {
  const t = useMessages('ui')
  return (
    <div className={clsx('flex flex-col items-center gap-3 px-6 py-12 text-center', className)}>
      <span className="grid size-11 place-items-center rounded-full border border-border bg-muted text-muted-foreground">
        <Icon aria-hidden className="size-5" />
      </span>
      <div className="max-w-sm">
        <p className="font-semibold text-balance">{title}</p>
        {text && <p className="mt-1 text-muted-foreground text-pretty">{text}</p>}
      </div>
      {action}
      {guide && (
        <p className="text-sm text-muted-foreground">
          {t.guide} <code>docs/guide/{guide}.md</code>
        </p>
      )}
    </div>
  )
}
