import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { FileQuestion, FileX } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { type Execution, isFinal } from '../../contract/executions.ts'
import type { ExecutionId } from '../../contract/ids.ts'
import { ExecutionCost } from '../costs/calls.tsx'
import { codeOf } from '../lib/api.ts'
import { useBreadcrumb } from '../lib/breadcrumb.ts'
import { formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { ExecutionPlan } from '../plans/execution-plan.tsx'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Loading, Skeleton, SkeletonRows } from '../ui/skeleton.tsx'
import { TabPanel, Tabs } from '../ui/tabs.tsx'
import { ActiveOverview } from './active-overview.tsx'
import { Commands } from './commands.tsx'
import { useStory } from './follow-story.ts'
import { Head } from './head.tsx'
import { OutcomePanel } from './outcome-panel.tsx'
import { executionQuery, reportQuery } from './queries.ts'
import { ReportView } from './report/report-view.tsx'
import { foundIn } from './story.ts'
import { Timeline } from './timeline/timeline.tsx'

const LogView = lazy(async () => ({ default: (await import('./log/log-view.tsx')).LogView }))

const route = getRouteApi('/inside/executions/$id')

/** Everything about one execution, from the moment it is queued. */
export function ExecutionPage() {
  const id = route.useParams().id as ExecutionId
  const { tab = 'overview' } = route.useSearch()
  const navigate = route.useNavigate()
  const execution = useQuery(executionQuery(id))
  useBreadcrumb(execution.data && `${execution.data.agentId} · ${execution.data.nodeName}`)
  if (execution.isPending) return <ExecutionSkeleton />
  if (execution.isError && !execution.data) {
    const code = codeOf(execution.error)
    if (code === 'execution.not_found' || code === 'request.invalid') return <NotFound />
    return (
      <ErrorPanel
        error={execution.error}
        onRetry={() => void execution.refetch()}
        isRetrying={execution.isFetching}
      />
    )
  }
  return (
    <ExecutionView
      key={id}
      execution={execution.data}
      tab={tab}
      onTab={(key) => void navigate({ search: { tab: key === 'overview' ? undefined : key }, replace: true })}
    />
  )
}

const tabs = ['overview', 'timeline', 'log', 'commands', 'cost'] as const

export interface ExecutionViewProps {
  readonly execution: Execution
  readonly tab: (typeof tabs)[number]
  readonly onTab: (tab: (typeof tabs)[number]) => void
}

export function ExecutionView({ execution, tab, onTab }: ExecutionViewProps) {
  const t = useMessages('execution')
  const { id, state, outcome, logLines } = execution
  const isDone = isFinal(state)
  const hasReport = execution.verdict !== null
  return (
    <>
      <Head execution={execution} hasReport={hasReport} />
      {outcome && outcome.kind !== 'succeeded' && (
        <div className="mt-4">
          <OutcomePanel execution={execution} outcome={outcome} />
        </div>
      )}
      <Tabs
        label={t.tabs}
        className="mt-5"
        value={tab}
        onChange={onTab}
        tabs={tabs.map((key) => ({
          key,
          label: t.tab[key],
          ...(key === 'log' && logLines > 0 && { count: formatNumber(logLines) }),
        }))}
      >
        <TabPanel tab="overview">
          <Overview execution={execution} />
        </TabPanel>
        <TabPanel tab="timeline">
          <Timeline execution={execution} />
        </TabPanel>
        <TabPanel tab="log">
          <Suspense
            fallback={
              <Card>
                <SkeletonRows rows={14} />
              </Card>
            }
          >
            <LogView executionId={id} lastSeq={logLines} isFinal={isDone} />
          </Suspense>
        </TabPanel>
        <TabPanel tab="commands">
          <Commands execution={execution} />
        </TabPanel>
        <TabPanel tab="cost">
          <ExecutionCost executionId={id} />
        </TabPanel>
      </Tabs>
    </>
  )
}

function Overview({ execution }: { readonly execution: Execution }) {
  const t = useMessages('execution')
  const { id, state, logLines, verdict } = execution
  const isDone = isFinal(state)
  const story = useStory({ id, isFinal: isDone, logLines })
  const report = useQuery({ ...reportQuery(id), enabled: isDone && verdict !== null })
  if (!isDone) return <ActiveOverview execution={execution} story={story.data} />
  if (execution.mode === 'apply') return <ExecutionPlan execution={execution} />
  if (verdict === null) {
    return (
      <Card>
        <EmptyState icon={FileX} title={t.noReportTitle} text={t.noReportText} className="py-8" />
      </Card>
    )
  }
  if (report.isPending) return <ReportSkeleton />
  if (report.isError && !report.data) {
    return (
      <ErrorPanel error={report.error} onRetry={() => void report.refetch()} isRetrying={report.isFetching} />
    )
  }
  const lines = new Map(story.data ? foundIn(story.data).map(({ key, seq }) => [key, seq]) : [])
  return <ReportView report={report.data} lines={lines} plan={<ExecutionPlan execution={execution} />} />
}

function NotFound() {
  const t = useMessages('execution')
  return (
    <EmptyState
      icon={FileQuestion}
      title={t.notFoundTitle}
      text={t.notFoundText}
      action={
        <Button asChild variant="secondary">
          <Link to="/executions">{t.toList}</Link>
        </Button>
      }
    />
  )
}

function ExecutionSkeleton() {
  return (
    <Loading className="space-y-5">
      <Skeleton className="h-7 w-72 max-w-full" />
      <div className="flex gap-6">
        <Skeleton className="h-4 w-40" />
        <Skeleton className="h-4 w-24" />
        <Skeleton className="h-4 w-32 max-sm:hidden" />
      </div>
      <Skeleton className="h-10 w-full" />
      <Cards />
    </Loading>
  )
}

function ReportSkeleton() {
  return (
    <Loading className="space-y-4">
      <Skeleton className="h-6 w-96 max-w-full" />
      <Cards />
    </Loading>
  )
}

function Cards() {
  return (
    <div className="grid gap-4 xl:grid-cols-[minmax(0,1fr)_minmax(0,24rem)]">
      <Skeleton className="h-80 w-full rounded-lg" />
      <Skeleton className="h-48 w-full rounded-lg" />
    </div>
  )
}
