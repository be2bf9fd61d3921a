import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AgentId } from '../../contract/ids.ts'
import { formatRelative } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { RunStrip } from '../ui/run-strip.tsx'
import { Skeleton, SkeletonRows } from '../ui/skeleton.tsx'
import { StatusBadge } from '../ui/status-badge.tsx'
import { lastRunsQuery } from './queries.ts'

/** How the last executions of an agent went, over all nodes. */
export function LastRunsStrip({ agentId }: { readonly agentId: AgentId }) {
  const { data, isPending } = useQuery(lastRunsQuery(agentId))
  if (isPending) return <Skeleton className="h-6 w-40" />
  const runs = (data?.items ?? []).toReversed().map(({ id, state, nodeName, queuedAt }) => ({
    id,
    state,
    label: `${nodeName}, ${formatRelative(queuedAt)}`,
  }))
  return (
    <RunStrip
      runs={runs}
      renderLink={(run, props) => <Link to="/executions/$id" params={{ id: run.id }} {...props} />}
    />
  )
}

const shown = 8

/** The last executions of an agent as lines that lead to them. */
export function LastRuns({ agentId }: { readonly agentId: AgentId }) {
  const t = useMessages('agents')
  const runs = useQuery(lastRunsQuery(agentId))
  if (runs.isPending) return <SkeletonRows rows={4} />
  if (runs.isError)
    return <ErrorPanel error={runs.error} onRetry={() => void runs.refetch()} className="m-4" />
  const { items } = runs.data
  if (items.length === 0) return <p className="px-4 pb-4 text-muted-foreground">{t.noRuns}</p>
  return (
    <ul>
      {items.slice(0, shown).map(({ id, state, nodeName, verdict, queuedAt, outcome }) => (
        <li key={id} className="border-t border-border">
          <Link
            to="/executions/$id"
            params={{ id }}
            className="flex min-h-(--row) flex-wrap items-center gap-x-3 gap-y-1 px-4 py-1.5 hover:bg-muted/60 focus-visible:-outline-offset-2 pointer-coarse:min-h-11"
          >
            <StatusBadge state={state} partial={outcome?.partial ?? false} />
            <span className="min-w-0 max-w-full truncate font-medium foreign">{nodeName}</span>
            <span className="ms-auto text-sm text-muted-foreground">
              <RelativeTime at={queuedAt} plain />
            </span>
            {verdict && (
              <span className="w-full truncate text-sm text-muted-foreground foreign">{verdict}</span>
            )}
          </Link>
        </li>
      ))}
    </ul>
  )
}
