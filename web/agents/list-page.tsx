import { useQuery } from '@tanstack/react-query'
import { Bot } from 'lucide-react'
import { useMessages } from '../lib/messages.ts'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { Loading, Skeleton } from '../ui/skeleton.tsx'
import { AgentCard } from './agent-card.tsx'
import { LeftOut, ReadAgain } from './own-agents.tsx'
import { agentsQuery } from './queries.ts'

const grid = 'grid grid-cols-1 gap-4 md:grid-cols-2 2xl:grid-cols-3'

/** The catalogue of agents. */
export function AgentsPage() {
  const t = useMessages('agents')
  return (
    <>
      <PageHeader title={t.title} subtitle={t.subtitle} actions={<ReadAgain />} />
      <Catalogue />
    </>
  )
}

function Catalogue() {
  const t = useMessages('agents')
  const agents = useQuery(agentsQuery)
  if (agents.isPending) return <CatalogueSkeleton />
  if (agents.isError) return <ErrorPanel error={agents.error} onRetry={() => void agents.refetch()} />
  const { items, leftOut } = agents.data
  if (items.length === 0) {
    return (
      <>
        <LeftOut agents={leftOut} />
        <Card>
          <EmptyState icon={Bot} title={t.empty} text={t.emptyText} guide="your-first-agent" />
        </Card>
      </>
    )
  }
  return (
    <>
      <LeftOut agents={leftOut} />
      <div className={grid}>
        {items.map((agent) => (
          <AgentCard key={agent.manifest.id} agent={agent} />
        ))}
      </div>
    </>
  )
}

function CatalogueSkeleton() {
  return (
    <Loading className={grid}>
      {[0, 1].map((card) => (
        <Card key={card} className="space-y-4 p-4">
          <div className="flex gap-3">
            <Skeleton className="size-10 rounded-md" />
            <div className="flex-1 space-y-2">
              <Skeleton className="h-5 w-40" />
              <Skeleton />
            </div>
          </div>
          <Skeleton className="h-3.5 w-2/3" />
          <Skeleton className="h-3.5 w-3/4" />
          <Skeleton className="h-3.5 w-1/2" />
          <Skeleton className="h-8" />
        </Card>
      ))}
    </Loading>
  )
}
