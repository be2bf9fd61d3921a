import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import { useState } from 'react'
import { isFinal } from '../../contract/executions.ts'
import type { AgentId, ExecutionId } from '../../contract/ids.ts'
import type { Node } from '../../contract/nodes.ts'
import { executionQuery } from '../executions/queries.ts'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { StatusBadge } from '../ui/status-badge.tsx'
import { LiveLines } from './live-lines.tsx'

/** Runs System Health for the first time, and shows what it says as it comes. */
export function RunStep({ node }: { readonly node: Node }) {
  const t = useMessages('setup').run
  const [executionId, setExecutionId] = useState<ExecutionId | null>(null)
  const start = useMutation({
    mutationFn: () =>
      api.executions.start({ body: { agentId: 'system-health' as AgentId, targets: [node.id] } }),
    onSuccess: ({ executions }) => setExecutionId(executions[0]?.id ?? null),
  })
  if (executionId) return <FirstRun id={executionId} onAgain={() => start.mutate()} />
  return (
    <div className="flex flex-col items-start gap-4">
      {start.isError && <ErrorPanel error={start.error} onRetry={() => start.mutate()} />}
      <Button size="lg" isLoading={start.isPending} onClick={() => start.mutate()}>
        <Play aria-hidden />
        {t.start(node.name)}
      </Button>
      <p className="text-sm text-muted-foreground">{t.harmless}</p>
    </div>
  )
}

function FirstRun({ id, onAgain }: { readonly id: ExecutionId; readonly onAgain: () => void }) {
  const t = useMessages('setup').run
  const execution = useQuery({ ...executionQuery(id), refetchInterval: 1_000 })
  if (execution.isError)
    return <ErrorPanel error={execution.error} onRetry={() => void execution.refetch()} />
  const run = execution.data
  const hasEnded = run !== undefined && isFinal(run.state)
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-3" role="status">
        {run && <StatusBadge state={run.state} partial={run.outcome?.partial ?? false} />}
        <p className="min-w-0 font-medium foreign">
          {run?.verdict ?? run?.outcome?.problem?.title ?? t.waiting}
        </p>
      </div>
      {run?.outcome?.problem && <p className="text-muted-foreground">{run.outcome.problem.fix}</p>}
      <Card className="overflow-hidden">
        <LiveLines executionId={id} />
      </Card>
      {hasEnded && (
        <div className="flex flex-wrap gap-2">
          <Button asChild>
            <Link to="/executions/$id" params={{ id }} search={{}}>
              {t.toReport}
            </Link>
          </Button>
          {run.state === 'succeeded' ? (
            <Button asChild variant="secondary">
              <Link to="/">{t.toHome}</Link>
            </Button>
          ) : (
            <Button variant="secondary" onClick={onAgain}>
              {t.again}
            </Button>
          )}
        </div>
      )}
    </div>
  )
}
