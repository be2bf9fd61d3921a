import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import type { Node } from '../../contract/nodes.ts'
import { ExecutionTable } from '../executions/execution-table.tsx'
import { executionsQuery } from '../executions/list-queries.ts'
import { useMessages } from '../lib/messages.ts'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'

/** What ran on the node, newest first. */
export function ExecutionsTab({ node }: { readonly node: Node }) {
  const t = useMessages('nodes').detail
  const executions = useQuery(executionsQuery({ nodeId: node.id, limit: 50 }))
  if (executions.isError) {
    return <ErrorPanel error={executions.error} onRetry={() => void executions.refetch()} />
  }
  return (
    <Card>
      {executions.isPending && <SkeletonRows rows={6} />}
      {executions.data?.items.length === 0 && (
        <EmptyState icon={Play} title={t.noExecutions} text={t.noExecutionsText} />
      )}
      {executions.data && executions.data.items.length > 0 && (
        <>
          <ExecutionTable executions={executions.data.items} without="node" />
          {executions.data.nextCursor && (
            <Link
              to="/executions"
              search={{ node: node.id }}
              className="block border-t border-border px-4 py-2.5 text-sm text-muted-foreground hover:text-foreground"
            >
              {t.allExecutions}
            </Link>
          )}
        </>
      )}
    </Card>
  )
}
