import { lazy, Suspense } from 'react'
import { useStepUp } from '../lib/step-up.ts'

const StepUpDialog = lazy(() =>
  import('./step-up-dialog.tsx').then((file) => ({ default: file.StepUpDialog })),
)

/** The question for a proof of presence, for whichever call is refused without one. Once, around everything. */
export function StepUpHost() {
  const waiting = useStepUp((state) => state.waiting)
  if (!waiting) return null
  return (
    <Suspense>
      <StepUpDialog onDone={waiting.settle} />
    </Suspense>
  )
}
