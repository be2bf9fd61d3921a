import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import type { Agent } from '../../contract/agents.ts'
import { useCan } from '../account/use-session.ts'
import { useBreadcrumb } from '../lib/breadcrumb.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Card } from '../ui/card.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { Loading, Skeleton, SkeletonRows } from '../ui/skeleton.tsx'
import { TabPanel, Tabs } from '../ui/tabs.tsx'
import { checkOptions } from './option-rules.ts'
import { OptionsForm } from './options-form.tsx'
import { Overview } from './overview.tsx'
import { agentQuery } from './queries.ts'
import { RunActions } from './run-actions.tsx'

const Readme = lazy(() => import('./readme.tsx').then(({ Readme: readme }) => ({ default: readme })))

type Tab = 'overview' | 'options' | 'readme'

/** One agent, at its own address. */
export function AgentPage() {
  const { id } = useParams({ from: '/inside/agents/$id' })
  const { tab = 'overview' } = useSearch({ from: '/inside/agents/$id' })
  const navigate = useNavigate()
  const agent = useQuery(agentQuery(id))
  useBreadcrumb(agent.data?.manifest.title)
  if (agent.isPending) return <AgentSkeleton />
  if (agent.isError) return <ErrorPanel error={agent.error} onRetry={() => void agent.refetch()} />
  return (
    <AgentDetail
      key={id}
      agent={agent.data}
      tab={tab}
      onTab={(next) =>
        void navigate({ to: '/agents/$id', params: { id }, search: { tab: next }, replace: true })
      }
    />
  )
}

interface AgentDetailProps {
  readonly agent: Agent
  readonly tab: Tab
  readonly onTab: (tab: Tab) => void
}

export function AgentDetail({ agent, tab, onTab }: AgentDetailProps) {
  const t = useMessages('agents')
  const { manifest, origin, readme } = agent
  const mayRun = useCan('execution.start')
  const [options, setOptions] = useState<Readonly<Record<string, unknown>>>({})
  const [first] = checkOptions(manifest.options, options)
  const count = Object.keys(manifest.options.properties).length
  return (
    <>
      <PageHeader
        title={manifest.title}
        subtitle={manifest.description}
        breadcrumb={
          <Link to="/agents" className="hover:underline sm:hidden">
            {t.title}
          </Link>
        }
        badge={
          <span className="flex gap-1.5">
            <Badge>{manifest.version}</Badge>
            {origin === 'installed' && <Badge>{t.installed}</Badge>}
          </span>
        }
        actions={
          <RunActions
            manifest={manifest}
            variant="primary"
            options={options}
            isDisabled={first !== undefined}
          />
        }
      />
      <Tabs
        label={manifest.title}
        value={tab}
        onChange={onTab}
        tabs={[
          { key: 'overview', label: t.tabs.overview },
          { key: 'options', label: t.tabs.options, count },
          { key: 'readme', label: t.tabs.readme },
        ]}
      >
        <TabPanel tab="overview">
          <Overview agent={agent} />
        </TabPanel>
        <TabPanel tab="options">
          <Card className="p-4">
            {count > 0 && (
              <div className="mb-5 flex flex-wrap items-center justify-between gap-3">
                <p className="text-muted-foreground">{mayRun ? t.optionsHint : t.mayNotRun}</p>
                <RunActions
                  manifest={manifest}
                  label={t.runWith}
                  options={options}
                  isDisabled={first !== undefined}
                />
              </div>
            )}
            <OptionsForm schema={manifest.options} value={options} onChange={setOptions} isChecked />
          </Card>
        </TabPanel>
        <TabPanel tab="readme">
          <Card className="p-4 md:p-6">
            {readme.trim() === '' ? (
              <p className="text-muted-foreground">{t.readmeNone}</p>
            ) : (
              <Suspense fallback={<SkeletonRows rows={8} />}>
                <Readme text={readme} />
              </Suspense>
            )}
          </Card>
        </TabPanel>
      </Tabs>
    </>
  )
}

function AgentSkeleton() {
  return (
    <Loading>
      <Skeleton className="h-7 w-56" />
      <Skeleton className="mt-3 h-4 max-w-prose" />
      <Skeleton className="mt-6 h-10" />
      <div className="mt-4 grid grid-cols-1 gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Skeleton className="h-72 rounded-lg" />
        <Skeleton className="h-72 rounded-lg" />
      </div>
    </Loading>
  )
}
