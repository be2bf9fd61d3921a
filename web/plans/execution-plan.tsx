import { useQuery } from '@tanstack/react-query'
import { Undo2 } from 'lucide-react'
import type { Execution } from '../../contract/executions.ts'
import type { ExecutionId } from '../../contract/ids.ts'
import { useMessages } from '../lib/messages.ts'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Loading, Skeleton } from '../ui/skeleton.tsx'
import { actionAnchor } from './choice.ts'
import { PlanCard } from './plan-card.tsx'
import { planOfQuery } from './queries.ts'

/** In the page of an execution: the plan it made, or what became of the changes it was to make. */
export function ExecutionPlan({ execution }: { readonly execution: Execution }) {
  const t = useMessages('plans')
  const found = useQuery({ ...planOfQuery(execution.id), enabled: execution.mode !== 'report' })
  if (execution.mode === 'report') return null
  if (found.isPending) {
    return execution.mode === 'apply' ? (
      <Loading>
        <Skeleton className="h-44 w-full rounded-lg" />
      </Loading>
    ) : null
  }
  if (!found.data) return <ErrorPanel error={found.error} onRetry={() => void found.refetch()} isCompact />
  const { plan, approvalId } = found.data
  if (plan) return <PlanCard plan={plan} approvalId={approvalId} isInReport />
  if (execution.mode === 'plan') return null
  return (
    <Card>
      <EmptyState icon={Undo2} title={t.undone} text={t.undoText} className="py-8" />
    </Card>
  )
}

interface ToProposedChangeProps {
  readonly executionId: ExecutionId
  readonly findingKey: string
}

/** Leads from a finding, or from what a model says of it, to the change that would settle it. */
export function ToProposedChange({ executionId, findingKey }: ToProposedChangeProps) {
  const t = useMessages('plans')
  const found = useQuery(planOfQuery(executionId))
  const action = found.data?.plan?.actions.find((one) => one.findingKey === findingKey)
  if (!action) return null
  return (
    <a
      href={`#${actionAnchor(action.aid)}`}
      className="inline-flex min-h-6 items-center gap-1.5 rounded-xs text-sm underline underline-offset-4 pointer-coarse:min-h-11"
    >
      {t.toChange}
    </a>
  )
}
