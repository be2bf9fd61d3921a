import type { ReactNode } from 'react'

interface PageHeaderProps {
  readonly title: ReactNode
  readonly subtitle?: ReactNode
  /** Buttons, the main one last. */
  readonly actions?: ReactNode
  /** Where the page lies; links from the outermost inwards. */
  readonly breadcrumb?: ReactNode
  /** Beside the title: a status. */
  readonly badge?: ReactNode
}

/** The head of a page, with its only `h1`. */
export function PageHeader({ title, subtitle, actions, breadcrumb, badge }: PageHeaderProps) {
  return (
    <header className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      {/* Narrower than this it takes a line of its own, and the buttons the next. */}
      <div className="min-w-0 flex-1 basis-72">
        {breadcrumb && <div className="mb-1 text-sm text-muted-foreground">{breadcrumb}</div>}
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="min-w-0 text-xl font-semibold tracking-tight text-balance foreign">{title}</h1>
          {badge}
        </div>
        {subtitle && <p className="mt-1 max-w-prose text-muted-foreground text-pretty foreign">{subtitle}</p>}
      </div>
      {actions && (
        <div className="flex flex-wrap items-center gap-2 empty:hidden max-sm:w-full max-sm:*:flex-1">
          {actions}
        </div>
      )}
    </header>
  )
}
