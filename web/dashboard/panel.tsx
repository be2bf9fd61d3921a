import type { ReactNode } from 'react'
import { ErrorBoundary } from 'react-error-boundary'
import { Card, CardHeader, CardTitle } from '../ui/card.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'

interface PanelProps {
  readonly title: string
  readonly text?: string | undefined
  readonly actions?: ReactNode
  readonly className?: string
  readonly children: ReactNode
}

/** A card of the dashboard. What breaks in one leaves the others alone. */
export function Panel({ title, text, actions, className, children }: PanelProps) {
  return (
    <Card aria-label={title} {...(className ? { className } : {})}>
      <CardHeader actions={actions}>
        <CardTitle>{title}</CardTitle>
        {text && <p className="text-sm text-muted-foreground">{text}</p>}
      </CardHeader>
      <Guard>{children}</Guard>
    </Card>
  )
}

/** Shows what broke inside in its place. */
export function Guard({ children }: { readonly children: ReactNode }) {
  return (
    <ErrorBoundary
      fallbackRender={({ error, resetErrorBoundary }) => (
        <ErrorPanel error={error} onRetry={resetErrorBoundary} className="m-4 mt-0" />
      )}
    >
      {children}
    </ErrorBoundary>
  )
}
