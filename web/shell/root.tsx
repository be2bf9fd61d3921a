import { Outlet } from '@tanstack/react-router'
import { ErrorBoundary } from 'react-error-boundary'
import { StepUpHost } from '../account/step-up-host.tsx'
import { useMessages } from '../lib/messages.ts'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Toaster } from '../ui/toaster.tsx'

/** Around everything: what breaks a page shows as a panel, and the rest of the dashboard stays. */
export function Root() {
  const t = useMessages('shell')
  return (
    <ErrorBoundary
      fallbackRender={({ error, resetErrorBoundary }) => (
        <main className="mx-auto max-w-2xl p-6">
          <ErrorPanel title={t.pageBroke} error={error} onRetry={resetErrorBoundary} />
        </main>
      )}
    >
      <Outlet />
      <StepUpHost />
      <Toaster />
    </ErrorBoundary>
  )
}
