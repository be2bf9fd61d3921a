import { lazy, Suspense } from 'react'
import { useLater } from '../lib/later.ts'

// While it can still be had, though nobody needs it yet.
const HowOld = lazy(() => import('./how-old.tsx').then((file) => ({ default: file.HowOld })))

/** Says that the server is out of reach, and how old what is on screen is; it stays. */
export function OfflineBanner() {
  const isLater = useLater()
  return (
    <div role="status" aria-live="polite">
      {isLater && (
        <Suspense>
          <HowOld />
        </Suspense>
      )}
    </div>
  )
}
