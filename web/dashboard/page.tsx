import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { RunButton } from '../executions/run-button.tsx'
import { useMessages } from '../lib/messages.ts'
import { PageHeader } from '../ui/page-header.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { NeedsYou } from './needs-you.tsx'
import { NodeGrid } from './node-grid.tsx'
import { recentQuery, tilesQuery } from './queries.ts'
import { QuickActions } from './quick-actions.tsx'
import { Recent } from './recent.tsx'

// Whoever has been here before needs them no more.
const FirstSteps = lazy(async () => ({ default: (await import('./first-steps.tsx')).FirstSteps }))

/** Home: what needs somebody, what can be run, what ran, and how the nodes are. */
export function DashboardPage() {
  const t = useMessages('dashboard')
  const words = useMessages('executions')
  const nodes = useQuery(tilesQuery).data
  const recent = useQuery(recentQuery).data
  const first = nodes?.items[0]
  const isNew =
    nodes !== undefined && recent !== undefined && (first === undefined || recent.items.length === 0)
  // Until it is known whether anything is there, the skeletons of the usual page stand.
  const isEmpty = nodes !== undefined && first === undefined
  return (
    <>
      <PageHeader title={t.title} actions={!isEmpty && <RunButton label={words.runAnAgent} />} />
      <div className="grid gap-6">
        {isNew && (
          <Suspense fallback={<Skeleton className="h-64" />}>
            <FirstSteps
              nodeId={first?.id ?? null}
              hasKey={nodes.items.some(({ hostKeys }) => hostKeys.length > 0)}
              hasRun={recent.items.length > 0}
            />
          </Suspense>
        )}
        {!isEmpty && (
          <>
            <NeedsYou />
            <QuickActions />
            <div className="grid items-start gap-6 2xl:grid-cols-[minmax(0,5fr)_minmax(0,4fr)]">
              <Recent />
              <NodeGrid />
            </div>
          </>
        )}
      </div>
    </>
  )
}
