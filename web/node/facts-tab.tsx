import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ListTree } from 'lucide-react'
import { useState } from 'react'
import type { Node } from '../../contract/nodes.ts'
import { FactsTree } from '../executions/facts-tree.tsx'
import { executionsQuery, useAgentTitle } from '../executions/list-queries.ts'
import { reportQuery } from '../executions/queries.ts'
import type { ExecutionId } from '../../contract/ids.ts'
import { useMessages } from '../lib/messages.ts'
import { Card, CardHeader, CardTitle } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { Select } from '../ui/select.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { latestReports } from './latest-reports.ts'

/** Everything the last report of an agent measured. */
export function FactsTab({ node }: { readonly node: Node }) {
  const t = useMessages('nodes').detail
  const titleOf = useAgentTitle()
  const [agent, setAgent] = useState<string | null>(null)
  const executions = useQuery(executionsQuery({ nodeId: node.id, limit: 50 }))
  if (executions.isPending) return <SkeletonRows rows={8} />
  if (executions.isError) {
    return <ErrorPanel error={executions.error} onRetry={() => void executions.refetch()} />
  }
  const reports = latestReports(executions.data.items)
  const shown = reports.find(({ agentId }) => agentId === agent) ?? reports[0]
  if (!shown) {
    return (
      <Card>
        <EmptyState icon={ListTree} title={t.noFacts} text={t.noFactsText} />
      </Card>
    )
  }
  return (
    <Card>
      <CardHeader
        actions={
          reports.length > 1 && (
            <Select
              aria-label={t.chooseReport}
              value={shown.agentId}
              onChange={(event) => setAgent(event.target.value)}
            >
              {reports.map(({ agentId }) => (
                <option key={agentId} value={agentId}>
                  {titleOf(agentId)}
                </option>
              ))}
            </Select>
          )
        }
      >
        <CardTitle>{t.factsFrom(titleOf(shown.agentId))}</CardTitle>
        <p className="text-sm text-muted-foreground">
          {t.ranAt} <RelativeTime at={shown.finishedAt ?? shown.queuedAt} />{' '}
          <Link to="/executions/$id" params={{ id: shown.id }} className="underline hover:text-foreground">
            {t.openReport}
          </Link>
        </p>
      </CardHeader>
      <Facts key={shown.id} id={shown.id} />
    </Card>
  )
}

function Facts({ id }: { readonly id: ExecutionId }) {
  const report = useQuery(reportQuery(id))
  if (report.isPending) return <SkeletonRows rows={8} />
  if (report.isError) {
    return <ErrorPanel error={report.error} isCompact className="m-4" onRetry={() => void report.refetch()} />
  }
  return (
    <div className="border-t border-border">
      <FactsTree facts={report.data.facts} />
    </div>
  )
}
