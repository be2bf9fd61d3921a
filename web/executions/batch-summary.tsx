import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Execution } from '../../contract/executions.ts'
import { useCan } from '../account/use-session.ts'
import { formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Progress } from '../ui/progress.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { StatusBadge } from '../ui/status-badge.tsx'
import { summarise } from './batch.ts'
import { CancelDialog } from './execution-table.tsx'
import { useAgentTitle } from './list-queries.ts'

interface BatchSummaryProps {
  /** Those that were started together; as many as fit on the largest page. */
  readonly executions: readonly Execution[]
  readonly hasMore: boolean
}

/** How executions that were started together stand, and one way to stop them all. */
export function BatchCard({ executions, hasMore }: BatchSummaryProps) {
  const t = useMessages('batch')
  const words = useMessages('executionList')
  const titleOf = useAgentTitle()
  const mayCancel = useCan('execution.cancel')
  const [isAsked, setAsked] = useState(false)
  const [first] = executions
  if (!first) return null
  const { total, finished, counts, active } = summarise(executions)
  const progress = finished === total ? t.done : t.progress(finished, total)
  return (
    <Card className="mb-4 p-4">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h2 className="font-semibold foreign">{t.text(titleOf(first.agentId), t.nodes(total, hasMore))}</h2>
          <p className="text-sm text-muted-foreground">
            <span className="foreign">{first.startedBy}</span> · <RelativeTime at={first.queuedAt} /> ·{' '}
            <span role="status">{progress}</span>
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          {mayCancel && active.length > 0 && (
            <Button size="sm" variant="secondary" onClick={() => setAsked(true)}>
              {t.cancelAll(active.length)}
            </Button>
          )}
          <Button size="sm" variant="ghost" asChild>
            <Link to="/executions" search={{}}>
              {t.leave}
            </Link>
          </Button>
        </div>
      </div>
      {finished < total && <Progress label={progress} percent={(finished / total) * 100} className="mt-3" />}
      <ul aria-label={t.states} className="mt-3 flex flex-wrap gap-x-5 gap-y-1.5">
        {counts.map(({ state, count }) => (
          <li key={state} className="flex items-center gap-1.5">
            <StatusBadge state={state} />
            <span className="text-muted-foreground tabular-nums">{formatNumber(count)}</span>
          </li>
        ))}
      </ul>
      <CancelDialog
        executions={isAsked ? active : []}
        title={active.length === 1 ? words.cancelTitle : t.cancelTitle}
        onClose={() => setAsked(false)}
      />
    </Card>
  )
}
