import type { Severity } from '../../contract/agent-protocol.ts'
import { type Execution, isFinal } from '../../contract/executions.ts'
import { type Messages, useMessages } from '../lib/messages.ts'
import { SeverityBadge } from '../ui/severity-badge.tsx'

const severities: readonly Severity[] = ['critical', 'high', 'warning']

/** What came of it, in a line: its verdict, what went wrong, or what it waits for. */
export function Result({ execution }: { readonly execution: Execution }) {
  const t = useMessages('executions').list
  const text = toResult(execution, t)
  const counts = execution.findings
  return (
    <span className="flex min-w-0 items-center gap-3">
      <bdi
        title={text}
        className="min-w-0 truncate text-muted-foreground max-md:line-clamp-2 max-md:whitespace-normal"
      >
        {text}
      </bdi>
      {counts && (
        <span className="flex shrink-0 gap-2.5 text-sm">
          {severities
            .filter((severity) => counts[severity] > 0)
            .map((severity) => (
              <SeverityBadge key={severity} severity={severity} count={counts[severity]} />
            ))}
        </span>
      )}
    </span>
  )
}

function toResult(
  { verdict, outcome, state, waitingFor }: Pick<Execution, 'verdict' | 'outcome' | 'state' | 'waitingFor'>,
  t: Messages['executions']['list'],
): string {
  if (outcome?.problem) return outcome.problem.title
  if (verdict) return verdict
  if (isFinal(state)) return t.outcomes[state]
  return waitingFor ?? (state === 'queued' ? t.waiting : t.working)
}
