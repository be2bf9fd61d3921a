import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { CircleCheck, ListX } from 'lucide-react'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { LoadMore } from '../ui/pagination.tsx'
import { Loading, Skeleton } from '../ui/skeleton.tsx'
import { TabPanel, Tabs } from '../ui/tabs.tsx'
import { PlanCard } from './plan-card.tsx'
import { Policies } from './policies.tsx'
import { planCountQuery, plansQuery } from './queries.ts'
import { RejectionList } from './rejections.tsx'
import { TrashList } from './trash.tsx'

const route = getRouteApi('/inside/approvals')
const tabs = ['waiting', 'decided', 'rejected', 'trash', 'policies'] as const
export type ApprovalsTab = (typeof tabs)[number]

export function ApprovalsPage() {
  const { tab = 'waiting' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <Approvals
      tab={tab}
      onTab={(key) => void navigate({ search: { tab: key === 'waiting' ? undefined : key }, replace: true })}
    />
  )
}

export interface ApprovalsProps {
  readonly tab: ApprovalsTab
  readonly onTab: (tab: ApprovalsTab) => void
}

/** What waits for a person, what was decided, what can come back, and what is approved in advance. */
export function Approvals({ tab, onTab }: ApprovalsProps) {
  const t = useMessages('plans')
  const count = useQuery(planCountQuery)
  const waiting = count.data?.plans ?? 0
  return (
    <>
      <PageHeader title={t.title} subtitle={t.subtitle} />
      <Tabs
        label={t.tabs}
        value={tab}
        onChange={onTab}
        tabs={tabs.map((key) => ({
          key,
          label: t.tab[key],
          ...(key === 'waiting' && waiting > 0 && { count: waiting }),
        }))}
      >
        <TabPanel tab="waiting">
          <PlanList onlyWaiting />
        </TabPanel>
        <TabPanel tab="decided">
          <PlanList />
        </TabPanel>
        <TabPanel tab="rejected">
          <RejectionList />
        </TabPanel>
        <TabPanel tab="trash">
          <TrashList />
        </TabPanel>
        <TabPanel tab="policies">
          <Policies />
        </TabPanel>
      </Tabs>
    </>
  )
}

function PlanList({ onlyWaiting = false }: { readonly onlyWaiting?: boolean }) {
  const t = useMessages('plans')
  const list = useInfiniteQuery(plansQuery(onlyWaiting))
  const plans = list.data?.pages.flatMap(({ items }) => items) ?? []
  if (list.isPending) return <PlansSkeleton />
  if (list.isError && plans.length === 0)
    return <ErrorPanel error={list.error} onRetry={() => void list.refetch()} isRetrying={list.isFetching} />
  if (plans.length === 0) {
    return (
      <Card>
        {onlyWaiting ? (
          <EmptyState
            icon={CircleCheck}
            title={t.emptyTitle}
            text={t.emptyText}
            guide="approve-changes"
            action={
              <Button asChild variant="secondary">
                <Link to="/agents">{t.toAgents}</Link>
              </Button>
            }
          />
        ) : (
          <EmptyState
            icon={ListX}
            title={t.noneTitle}
            text={t.noneText}
            guide="approve-changes"
            action={
              <Button asChild variant="secondary">
                <Link to="/agents">{t.toAgents}</Link>
              </Button>
            }
          />
        )}
      </Card>
    )
  }
  return (
    <div className="max-w-4xl space-y-4">
      {plans.map((plan) => (
        <PlanCard key={plan.id} plan={plan} />
      ))}
      {list.hasNextPage && (
        <LoadMore hasMore isLoading={list.isFetchingNextPage} onLoadMore={() => void list.fetchNextPage()} />
      )}
    </div>
  )
}

function PlansSkeleton() {
  return (
    <Loading className="max-w-4xl space-y-4">
      <Skeleton className="h-64 w-full rounded-lg" />
      <Skeleton className="h-44 w-full rounded-lg" />
    </Loading>
  )
}
