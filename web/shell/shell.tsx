import { useQueryClient } from '@tanstack/react-query'
import { Outlet, useLocation, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { ErrorBoundary } from 'react-error-boundary'
import { useUser } from '../account/use-session.ts'
import { RunHost } from '../executions/run-host.tsx'
import { followHints } from '../lib/hints.ts'
import { useLater } from '../lib/later.ts'
import { live } from '../lib/live.ts'
import { useMessages } from '../lib/messages.ts'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { BottomBar } from './bottom-bar.tsx'
import { OfflineBanner } from './offline-banner.tsx'
import { Rail } from './rail.tsx'
import { TopBar } from './top-bar.tsx'

// Seldom there, so the first view does without.
const Ribbons = lazy(async () => ({ default: (await import('./ribbons.tsx')).Ribbons }))

/** The frame around every page behind the sign-in. While it stands, the live socket is open. */
export function Shell() {
  const t = useMessages('shell')
  const queries = useQueryClient()
  const isSignedIn = useUser() !== null
  const isLater = useLater()
  const { pathname } = useLocation()

  useEffect(() => {
    if (!isSignedIn) return
    live.start()
    const stopFollowing = followHints(queries, live)
    return () => {
      stopFollowing()
      live.stop()
    }
  }, [queries, isSignedIn])

  const main = useRef<HTMLElement>(null)
  const shown = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname })
  const before = useRef(shown)
  useEffect(() => {
    // What led here may be gone, and with it the place of whoever goes by keys or listens: it is the new page now.
    if (before.current && before.current !== shown && document.activeElement === document.body)
      main.current?.focus({ preventScroll: true })
    before.current = shown
  }, [shown])

  return (
    <div className="flex min-h-dvh">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:start-2 focus:z-50 focus:rounded-md focus:bg-primary focus:px-3 focus:py-2 focus:text-primary-foreground"
      >
        {t.skip}
      </a>
      <Rail />
      <div className="flex min-w-0 flex-1 flex-col">
        <TopBar />
        <Suspense>{isLater && isSignedIn && <Ribbons />}</Suspense>
        <OfflineBanner />
        <main
          ref={main}
          id="content"
          tabIndex={-1}
          className="mx-auto w-full max-w-[1500px] flex-1 p-4 pb-24 outline-none md:p-6 md:pb-10"
        >
          <ErrorBoundary
            resetKeys={[pathname]}
            fallbackRender={({ error, resetErrorBoundary }) => (
              <ErrorPanel title={t.pageBroke} error={error} onRetry={resetErrorBoundary} />
            )}
          >
            <Outlet />
          </ErrorBoundary>
        </main>
      </div>
      <BottomBar />
      <RunHost />
    </div>
  )
}
