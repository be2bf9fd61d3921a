import { lazy, Suspense } from 'react'
import { closeRunRequest, useRunRequest } from '../lib/run-request.ts'

const RunDialog = lazy(() => import('./run-dialog.tsx').then((file) => ({ default: file.RunDialog })))

/** The run dialog, for whoever asks by `askToRun`; loaded when somebody does. Once, around everything. */
export function RunHost() {
  const request = useRunRequest((asked) => asked.request)
  if (!request) return null
  return (
    <Suspense>
      <RunDialog {...request} open onOpenChange={(open) => !open && closeRunRequest()} />
    </Suspense>
  )
}
