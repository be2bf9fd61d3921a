import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { ServerOff } from 'lucide-react'
import { lazy, Suspense } from 'react'
import type { NodeId } from '../../contract/ids.ts'
import type { Node } from '../../contract/nodes.ts'
import { codeOf } from '../lib/api.ts'
import { useBreadcrumb } from '../lib/breadcrumb.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Loading, Skeleton, SkeletonRows } from '../ui/skeleton.tsx'
import { TabPanel, Tabs } from '../ui/tabs.tsx'
import { useDoctor } from '../nodes/doctor-queries.ts'
import { nodeQuery } from '../nodes/queries.ts'
import { AccessTab } from './access-tab.tsx'
import { ConnectionTab } from './connection-tab.tsx'
import { ExecutionsTab } from './executions-tab.tsx'
import { FactsTab } from './facts-tab.tsx'
import { NodeHead } from './head.tsx'
import { NodeNotice } from './notice.tsx'
import { OverviewTab } from './overview-tab.tsx'
import { type StoryFilter, StoryTab } from './story-tab.tsx'

// With all that checks a form: half of what the page weighs, and seldom opened.
const SettingsTab = lazy(async () => ({ default: (await import('./settings-tab.tsx')).SettingsTab }))

/** One node: how it does, what is known of it, how it is reached, what ran there, and its settings. */
export function NodePage() {
  const id = useParams({ from: '/inside/nodes/$id' }).id as NodeId
  const { tab = 'overview', ...filter } = useSearch({ from: '/inside/nodes/$id' })
  const navigate = useNavigate({ from: '/nodes/$id' })
  return (
    <NodeView
      id={id}
      tab={tab}
      onTab={(key) => void navigate({ search: { tab: key === 'overview' ? undefined : key }, replace: true })}
      filter={filter}
      onFilter={(changed) =>
        void navigate({ search: (before) => ({ ...before, ...changed }), replace: true })
      }
    />
  )
}

const tabKeys = ['overview', 'story', 'facts', 'connection', 'access', 'executions', 'settings'] as const
type TabKey = (typeof tabKeys)[number]

export interface NodeViewProps {
  readonly id: NodeId
  readonly tab: TabKey
  readonly onTab: (tab: TabKey) => void
  /** What the story is narrowed to. */
  readonly filter: StoryFilter
  readonly onFilter: (changed: StoryFilter) => void
}

export function NodeView({ id, ...tabs }: NodeViewProps) {
  const node = useQuery(nodeQuery(id))
  const code = codeOf(node.error)
  if (code === 'node.not_found' || code === 'request.invalid') return <NoSuchNode />
  // What was seen before stays in view while the server is away; the banner above says how old it is.
  if (node.data) return <LoadedNode key={id} node={node.data} {...tabs} />
  if (node.isError) {
    return <ErrorPanel error={node.error} isRetrying={node.isFetching} onRetry={() => void node.refetch()} />
  }
  return <NodeSkeleton />
}

function LoadedNode({
  node,
  tab,
  onTab,
  filter,
  onFilter,
}: Omit<NodeViewProps, 'id'> & { readonly node: Node }) {
  const t = useMessages('nodes').detail
  const doctor = useDoctor(node.id)
  useBreadcrumb(node.name)
  const test = () => {
    onTab('connection')
    doctor.test.mutate()
  }
  const tabs = tabKeys.map((key) => ({ key, label: t.tabs[key] }))
  return (
    <>
      <NodeHead
        node={node}
        isTesting={doctor.test.isPending}
        onTest={test}
        onEdit={() => onTab('settings')}
      />
      {tab !== 'connection' && !(tab === 'access' && node.lastProblem?.code === 'launch.gate_refused') && (
        <NodeNotice
          node={node}
          onTest={test}
          // A gate that is behind is mended by its block, and that is under access.
          onOpenConnection={() =>
            onTab(node.lastProblem?.code === 'launch.gate_refused' ? 'access' : 'connection')
          }
        />
      )}
      <Tabs label={t.tabsLabel} tabs={tabs} value={tab} onChange={onTab}>
        <TabPanel tab="overview">
          <OverviewTab node={node} />
        </TabPanel>
        <TabPanel tab="story">
          <StoryTab node={node} filter={filter} onFilter={onFilter} />
        </TabPanel>
        <TabPanel tab="facts">
          <FactsTab node={node} />
        </TabPanel>
        <TabPanel tab="connection">
          <ConnectionTab node={node} doctor={doctor} />
        </TabPanel>
        <TabPanel tab="access">
          <AccessTab node={node} doctor={doctor} onOpenConnection={() => onTab('connection')} />
        </TabPanel>
        <TabPanel tab="executions">
          <ExecutionsTab node={node} />
        </TabPanel>
        <TabPanel tab="settings">
          <Suspense fallback={<SkeletonRows rows={6} />}>
            <SettingsTab node={node} />
          </Suspense>
        </TabPanel>
      </Tabs>
    </>
  )
}

function NoSuchNode() {
  const t = useMessages('nodes').detail
  return (
    <EmptyState
      icon={ServerOff}
      title={t.notFound}
      text={t.notFoundText}
      action={
        <Button asChild variant="secondary">
          <Link to="/nodes">{t.toList}</Link>
        </Button>
      }
    />
  )
}

function NodeSkeleton() {
  return (
    <Loading>
      <Skeleton className="h-7 w-48" />
      <Skeleton className="mt-2 h-4 w-64" />
      <Skeleton className="mt-8 h-10 w-full" />
      <div className="mt-4 rounded-lg border border-border">
        <SkeletonRows rows={6} />
      </div>
    </Loading>
  )
}
