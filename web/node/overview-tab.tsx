import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChevronRight, ClipboardList } from 'lucide-react'
import type { Execution } from '../../contract/executions.ts'
import type { Node } from '../../contract/nodes.ts'
import { executionsQuery, useAgentTitle } from '../executions/list-queries.ts'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { query } from '../lib/query.ts'
import { Card, CardHeader, CardTitle } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SeverityBadge } from '../ui/severity-badge.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { FindingCounts } from '../nodes/finding-counts.tsx'
import { latestReports } from './latest-reports.ts'
import { MetricsCard } from './metrics-card.tsx'

/** How the node does: the last word of each agent, what is open, and how its figures moved. */
export function OverviewTab({ node }: { readonly node: Node }) {
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <ReportsCard node={node} />
      <FindingsCard node={node} />
      <div className="lg:col-span-2">
        <MetricsCard node={node} />
      </div>
    </div>
  )
}

function ReportsCard({ node }: { readonly node: Node }) {
  const t = useMessages('nodes').detail
  const executions = useQuery(executionsQuery({ nodeId: node.id, limit: 50 }))
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.lastReports}</CardTitle>
      </CardHeader>
      {executions.isPending && <SkeletonRows rows={3} />}
      {executions.isError && (
        <ErrorPanel
          error={executions.error}
          isCompact
          className="m-4"
          onRetry={() => void executions.refetch()}
        />
      )}
      {executions.data && <Reports executions={latestReports(executions.data.items)} />}
    </Card>
  )
}

function Reports({ executions }: { readonly executions: readonly Execution[] }) {
  const t = useMessages('nodes').detail
  const titleOf = useAgentTitle()
  if (executions.length === 0) {
    return <EmptyState icon={ClipboardList} title={t.noReportTitle} text={t.noReportText} className="py-8!" />
  }
  return (
    <ul className="divide-y divide-border border-t border-border">
      {executions.map(({ id, agentId, verdict, findings, finishedAt, queuedAt }) => (
        <li key={id}>
          <Link
            to="/executions/$id"
            params={{ id }}
            className="flex items-center gap-3 px-4 py-3 transition-colors hover:bg-muted/60 focus-visible:-outline-offset-2"
          >
            <span className="min-w-0 flex-1">
              <span className="block text-sm text-muted-foreground">
                <span className="foreign">{titleOf(agentId)}</span>,{' '}
                <RelativeTime at={finishedAt ?? queuedAt} plain />
              </span>
              <span className="block font-medium foreign">{verdict}</span>
              {findings && Object.values(findings).some((count) => count > 0) && (
                <FindingCounts node={{ findings, lastSeenAt: queuedAt }} />
              )}
            </span>
            <ChevronRight aria-hidden className="size-4 shrink-0 text-muted-foreground" />
          </Link>
        </li>
      ))}
    </ul>
  )
}

/** So many are shown here; the page of findings has them all. */
const shownFindings = 6

function FindingsCard({ node }: { readonly node: Node }) {
  const t = useMessages('nodes').detail
  const findings = useQuery(
    query(['findings', 'list'], api.findings.list, { query: { nodeId: node.id, limit: shownFindings } }),
  )
  return (
    <Card>
      <CardHeader
        actions={
          <Link
            to="/findings"
            search={{ node: node.id }}
            className="text-sm text-muted-foreground hover:text-foreground"
          >
            {t.allFindings}
          </Link>
        }
      >
        <CardTitle>{t.findings}</CardTitle>
      </CardHeader>
      {findings.isPending && <SkeletonRows rows={3} />}
      {findings.isError && (
        <ErrorPanel
          error={findings.error}
          isCompact
          className="m-4"
          onRetry={() => void findings.refetch()}
        />
      )}
      {findings.data?.items.length === 0 && (
        <p className="border-t border-border px-4 py-3 text-muted-foreground">
          {node.lastSeenAt ? t.noFindings : t.noReportText}
        </p>
      )}
      {findings.data && findings.data.items.length > 0 && (
        <ul className="divide-y divide-border border-t border-border">
          {findings.data.items.map(({ key, agentId, severity, title, executionId, lastSeenAt }) => (
            <li key={`${agentId} ${key}`}>
              <Link
                to="/executions/$id"
                params={{ id: executionId }}
                className="flex items-baseline gap-3 px-4 py-2.5 transition-colors hover:bg-muted/60 focus-visible:-outline-offset-2"
              >
                <span className="min-w-20 shrink-0">
                  <SeverityBadge severity={severity} />
                </span>
                <span className="min-w-0 flex-1 foreign">{title}</span>
                <span className="shrink-0 text-sm text-muted-foreground max-sm:hidden">
                  <RelativeTime at={lastSeenAt} plain />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
