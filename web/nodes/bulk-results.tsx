import { CircleCheck, CircleX } from 'lucide-react'
import type { Node } from '../../contract/nodes.ts'
import { formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import type { BulkResult } from './bulk.ts'
import { FixText } from './fix-text.tsx'

interface BulkResultsProps {
  readonly results: readonly BulkResult[]
  readonly isPending: boolean
  readonly onClose: () => void
  readonly onRetry: (nodes: readonly Node[]) => void
}

/** What became of each node, the failures first. */
export function BulkResults({ results, isPending, onClose, onRetry }: BulkResultsProps) {
  const t = useMessages('nodes').bulk
  const failed = results.filter(({ problem }) => problem)
  const worked = results.filter(({ problem }) => !problem)
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t.someFailed(formatNumber(failed.length), formatNumber(results.length))}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {t.close}
          </Button>
          <Button
            variant="primary"
            isLoading={isPending}
            onClick={() => onRetry(failed.map(({ node }) => node))}
          >
            {t.retry}
          </Button>
        </>
      }
    >
      <ul aria-label={t.results} className="divide-y divide-border">
        {[...failed, ...worked].map(({ node, problem }) => (
          <li key={node.id} className="flex gap-3 py-2">
            {problem ? (
              <CircleX aria-hidden className="mt-0.5 size-4 shrink-0 text-status-fail" />
            ) : (
              <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-status-ok" />
            )}
            <div className="min-w-0">
              <p className="font-medium foreign">{node.name}</p>
              {problem ? (
                <p className="text-sm text-muted-foreground foreign">
                  {problem.title}. <FixText text={problem.fix} />
                </p>
              ) : (
                <p className="text-sm text-muted-foreground">{t.worked}</p>
              )}
            </div>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
