import { Link } from '@tanstack/react-router'
import type { BatchId } from '../../contract/ids.ts'

interface BatchLinkProps {
  readonly batchId: BatchId | null
  readonly executions: { readonly total: number; readonly active: number; readonly succeeded: number }
  readonly words: {
    readonly executionsRun: (count: number) => string
    readonly executionsDone: (succeeded: number, total: number) => string
  }
}

/** What became of the executions that one run started; nothing where it started none. */
export function BatchLink({ batchId, executions: { total, active, succeeded }, words }: BatchLinkProps) {
  if (!batchId || total === 0) return null
  return (
    <Link
      to="/executions"
      search={{ batch: batchId }}
      className="rounded-xs text-sm underline underline-offset-2 hover:text-foreground max-sm:ms-auto"
    >
      {active > 0 ? words.executionsRun(active) : words.executionsDone(succeeded, total)}
    </Link>
  )
}
