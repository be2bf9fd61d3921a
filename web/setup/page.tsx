import { useQuery } from '@tanstack/react-query'
import { Navigate, useNavigate, useSearch } from '@tanstack/react-router'
import { ArchiveRestore } from 'lucide-react'
import { useEffect, useState } from 'react'
import { sessionQuery, setupQuery } from '../account/queries.ts'
import { live } from '../lib/live.ts'
import { useMessages } from '../lib/messages.ts'
import { executionsQuery } from '../executions/list-queries.ts'
import { nodesQuery } from '../nodes/queries.ts'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Button } from '../ui/button.tsx'
import { ClaimStep, tokenOfLink } from './claim-step.tsx'
import { ConnectionStep } from './connection-step.tsx'
import { DoneStep } from './done-step.tsx'
import { NodeStep } from './node-step.tsx'
import { RestoreForm } from './restore-form.tsx'
import { RunStep } from './run-step.tsx'
import { SetupFrame } from './setup-frame.tsx'
import { type Standing, type Step, stepToShow } from './steps.ts'

/** From an empty server to the first report: administrator, node, connection, run. Any step can be left for later. */
export function SetupPage() {
  const t = useMessages('setup')
  const setup = useQuery(setupQuery)
  const session = useQuery(sessionQuery)
  if (setup.isError || session.isError) {
    const { error, refetch } = setup.isError ? setup : session
    return (
      <main className="mx-auto max-w-2xl p-6">
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      </main>
    )
  }
  if (setup.isPending || session.isPending) {
    return (
      <main className="mx-auto max-w-2xl p-6" aria-label={t.title}>
        <SkeletonRows rows={6} />
      </main>
    )
  }
  if (!setup.data.claimed) {
    return <Unclaimed />
  }
  if (!session.data) return <Navigate to="/login" search={{ to: '/setup' }} replace />
  return <Inside />
}

const unclaimed: Standing = { isClaimed: false, hasNode: false, isReached: false, hasRun: false }

/** A server without an administrator: make one, or bring back a server that was. */
function Unclaimed() {
  const words = useMessages('ownBackups').wizard
  const [isRestoring, setRestoring] = useState(false)
  if (isRestoring) {
    return (
      <SetupFrame step="claim" standing={unclaimed} instead={words}>
        <RestoreForm token={tokenOfLink} onBack={() => setRestoring(false)} />
      </SetupFrame>
    )
  }
  return (
    <SetupFrame step="claim" standing={unclaimed}>
      <ClaimStep />
      <Button variant="ghost" className="mt-4 -ms-3 max-sm:w-full" onClick={() => setRestoring(true)}>
        <ArchiveRestore aria-hidden />
        {words.link}
      </Button>
    </SetupFrame>
  )
}

/** The steps behind the sign-in. */
function Inside() {
  const { step: wanted } = useSearch({ from: '/setup' })
  const navigate = useNavigate()
  const nodes = useQuery(nodesQuery())
  const executions = useQuery(executionsQuery({ limit: 50 }))
  // The first run is shown as it happens; the frame of the dashboard, which opens the socket elsewhere, is not here.
  useEffect(() => {
    live.start()
    return live.stop
  }, [])

  if (nodes.isError || executions.isError) {
    const { error, refetch } = nodes.isError ? nodes : executions
    return (
      <main className="mx-auto max-w-2xl p-6">
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      </main>
    )
  }
  if (nodes.isPending || executions.isPending) {
    return (
      <main className="mx-auto max-w-2xl p-6">
        <SkeletonRows rows={6} />
      </main>
    )
  }
  const [node] = nodes.data.items.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
  const standing: Standing = {
    isClaimed: true,
    hasNode: node !== undefined,
    isReached: node?.lastSeenAt != null,
    hasRun: executions.data.items.some(({ state }) => state === 'succeeded'),
  }
  const step = stepToShow(wanted, standing)
  const goTo = (next: Step | null) =>
    void navigate({ to: '/setup', search: next ? { step: next } : {}, replace: true })

  return (
    <SetupFrame step={step} standing={standing}>
      {step === 'node' && <NodeStep onAdded={() => goTo('connection')} />}
      {step === 'connection' && node && <ConnectionStep node={node} onPassed={() => goTo('run')} />}
      {step === 'run' && node && <RunStep node={node} />}
      {step === null && <DoneStep />}
    </SetupFrame>
  )
}
