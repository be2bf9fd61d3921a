import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { NodeId } from '../../contract/ids.ts'
import type { ObjectEvent } from '../../contract/plans.ts'
import { useMessages } from '../lib/messages.ts'
import { Dialog } from '../ui/dialog.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { objectQuery } from './queries.ts'

interface ObjectHistoryProps {
  readonly nodeId: NodeId
  readonly object: string
  readonly onClose: () => void
}

/** What was proposed, decided and done about one thing of a node. */
export function ObjectHistory({ nodeId, object, onClose }: ObjectHistoryProps) {
  const t = useMessages('plans')
  const history = useQuery(objectQuery(nodeId, object))
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={t.historyTitle}
      description={<span className="break-all foreign">{object}</span>}
    >
      {history.isPending && <SkeletonRows rows={3} />}
      {history.isError && (
        <ErrorPanel error={history.error} onRetry={() => void history.refetch()} isCompact />
      )}
      {history.data?.items.length === 0 && <p className="text-muted-foreground">{t.historyNone}</p>}
      <ol className="space-y-3">
        {history.data?.items.map((event) => (
          <Step key={`${event.at} ${event.kind} ${event.planId}`} event={event} />
        ))}
      </ol>
    </Dialog>
  )
}

function Step({ event }: { readonly event: ObjectEvent }) {
  const t = useMessages('plans')
  const { at, kind, by, outcome, executionId } = event
  return (
    <li className="border-s-2 border-border ps-3">
      <p>
        <span className="font-medium">{outcome ? t.outcomes[outcome.kind] : t.events[kind]}</span>
        {by !== null && <span className="text-muted-foreground foreign"> {t.by(by)}</span>}
      </p>
      {outcome?.why && <p className="text-sm text-muted-foreground foreign">{outcome.why}</p>}
      <p className="flex flex-wrap gap-x-3 text-sm text-muted-foreground">
        <RelativeTime at={at} />
        {executionId && (
          <Link
            to="/executions/$id"
            params={{ id: executionId }}
            className="underline underline-offset-4 hover:text-foreground"
          >
            {t.seeExecution}
          </Link>
        )}
      </p>
    </li>
  )
}
