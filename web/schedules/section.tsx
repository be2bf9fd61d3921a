import { ChevronRight } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'

/** A part of a form. */
export function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Card aria-label={title}>
      <CardHeader>
        <CardTitle>{title}</CardTitle>
      </CardHeader>
      <CardContent className="grid grid-cols-[minmax(0,1fr)] gap-4">{children}</CardContent>
    </Card>
  )
}

/** What most schedules leave as it is, folded away until it matters. */
export function Folded({
  title,
  hint,
  isOpen,
  children,
}: {
  readonly title: string
  readonly hint?: string
  readonly isOpen: boolean
  readonly children: ReactNode
}) {
  const [isWanted, setWanted] = useState(false)
  return (
    <details
      open={isWanted || isOpen}
      onToggle={(event) => setWanted(event.currentTarget.open)}
      className="group min-w-0 rounded-lg border border-border bg-card"
    >
      <summary className="flex min-h-12 list-none flex-wrap items-center gap-x-2 rounded-lg px-4 py-2">
        <ChevronRight
          aria-hidden
          className="size-4 shrink-0 text-muted-foreground transition-transform group-open:rotate-90"
        />
        <span className="font-semibold">{title}</span>
        {hint && (
          <span className="min-w-0 text-sm text-muted-foreground max-sm:basis-full max-sm:ps-6">{hint}</span>
        )}
      </summary>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5 px-4 pt-1 pb-4">{children}</div>
    </details>
  )
}
