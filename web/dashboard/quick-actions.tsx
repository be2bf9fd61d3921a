import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Bot } from 'lucide-react'
import { agentsQuery } from '../agents/queries.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Loading, Skeleton } from '../ui/skeleton.tsx'
import { AgentCard } from './agent-card.tsx'
import { Guard } from './panel.tsx'
import { recentQuery } from './queries.ts'
import { Section } from './section.tsx'

const grid = 'grid gap-3 md:grid-cols-2 2xl:grid-cols-3'
const most = 6

/** The agents, each ready to run. */
export function QuickActions() {
  const t = useMessages('dashboard')
  return (
    <Section
      title={t.quickActions}
      actions={
        <Button size="sm" variant="ghost" asChild>
          <Link to="/agents">{t.allAgents}</Link>
        </Button>
      }
    >
      <Guard>
        <AgentCards />
      </Guard>
    </Section>
  )
}

function AgentCards() {
  const t = useMessages('dashboard')
  const agents = useQuery(agentsQuery)
  const recent = useQuery(recentQuery).data?.items ?? []
  if (agents.isError && !agents.data) {
    return (
      <ErrorPanel error={agents.error} isRetrying={agents.isFetching} onRetry={() => void agents.refetch()} />
    )
  }
  if (!agents.data) {
    return (
      <Loading className={grid}>
        {[0, 1].map((place) => (
          <Card key={place} className="space-y-4 p-4">
            <div className="flex gap-3">
              <Skeleton className="size-9" />
              <Skeleton className="h-9 flex-1" />
            </div>
            <Skeleton className="h-9" />
          </Card>
        ))}
      </Loading>
    )
  }
  // What is used comes first.
  const placeOf = (id: string) => {
    const place = recent.findIndex(({ agentId }) => agentId === id)
    return place < 0 ? recent.length : place
  }
  const items = agents.data.items.toSorted((a, b) => placeOf(a.manifest.id) - placeOf(b.manifest.id))
  if (items.length === 0) {
    return (
      <Card>
        <EmptyState icon={Bot} title={t.noAgentsTitle} text={t.noAgentsText} />
      </Card>
    )
  }
  return (
    <div className={grid}>
      {items.slice(0, most).map((agent) => (
        <AgentCard
          key={agent.manifest.id}
          agent={agent}
          latest={recent.find(({ agentId }) => agentId === agent.manifest.id) ?? null}
        />
      ))}
    </div>
  )
}
