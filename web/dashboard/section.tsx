import { type ReactNode, useId } from 'react'

interface SectionProps {
  readonly title: string
  readonly text?: string | undefined
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** A part of the dashboard that is several cards. */
export function Section({ title, text, actions, children }: SectionProps) {
  const id = useId()
  return (
    <section aria-labelledby={id} className="min-w-0">
      <div className="mb-2 flex min-h-8 items-center justify-between gap-3">
        <div className="flex min-w-0 flex-wrap items-baseline gap-x-3">
          <h2 id={id} className="font-semibold">
            {title}
          </h2>
          {text && <p className="text-sm text-muted-foreground">{text}</p>}
        </div>
        {actions}
      </div>
      {children}
    </section>
  )
}
