import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { ArrowRight, Wrench } from 'lucide-react'
import type { Execution, FinalState, Outcome } from '../../contract/executions.ts'
import { useMessages } from '../lib/messages.ts'
import { FixText } from '../nodes/fix-text.tsx'
import { Button } from '../ui/button.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { stateLooks } from '../ui/status-badge.tsx'
import { toneText } from '../ui/tone.ts'

const frames: Record<FinalState, string> = {
  succeeded: 'border-border bg-card',
  failed: 'border-status-fail/35 bg-status-fail/5',
  'timed-out': 'border-status-missed/35 bg-status-missed/5',
  cancelled: 'border-border bg-card',
  lost: 'border-status-missed/35 bg-status-missed/5',
  unreachable: 'border-status-fail/35 bg-status-fail/5',
  blocked: 'border-status-wait/35 bg-status-wait/5',
}

interface OutcomePanelProps {
  readonly execution: Execution
  readonly outcome: Outcome
}

/** How an execution ended that did not succeed: what happened, what to do, and what is left behind. */
export function OutcomePanel({ execution, outcome }: OutcomePanelProps) {
  const t = useMessages('execution').outcome
  const { kind, problem, lastLines } = outcome
  const { tone, Icon } = stateLooks[kind]
  const isOfConnection = kind === 'blocked' || kind === 'unreachable'
  const title = problem?.title ?? (kind === 'cancelled' ? t.cancelledTitle : '')
  const detail = problem?.detail ?? (kind === 'cancelled' ? t.cancelledText : '')
  return (
    <section aria-label={title} className={clsx('rounded-lg border p-4', frames[kind])}>
      <div className="flex gap-3">
        <Icon aria-hidden className={clsx('mt-0.5 size-5 shrink-0', toneText[tone])} />
        <div className="min-w-0 flex-1 space-y-2.5">
          <div className="space-y-1">
            <h2 className="text-lg font-semibold foreign">{title}</h2>
            {detail !== `${title}.` && <p className="text-pretty foreign">{detail}</p>}
          </div>
          {problem?.fix && (
            <p className="flex gap-2.5 text-pretty">
              <Wrench aria-hidden className="mt-1 size-3.5 shrink-0 text-muted-foreground" />
              <span className="min-w-0 foreign">
                <span className="sr-only">{t.todo}: </span>
                <FixText text={problem.fix} />
              </span>
            </p>
          )}
          <Marks outcome={outcome} />
          {lastLines.length > 0 && (
            <div>
              <p className="mb-1 text-sm text-muted-foreground">{t.lastLines}</p>
              <CodeBlock label={t.lastLines} code={lastLines.join('\n')} wrap />
            </div>
          )}
          {isOfConnection && (
            <Button asChild variant="secondary" size="sm">
              <Link to="/nodes/$id" params={{ id: execution.nodeId }} search={{ tab: 'connection' }}>
                {t.toConnection}
                <ArrowRight aria-hidden />
              </Link>
            </Button>
          )}
        </div>
      </div>
    </section>
  )
}

/** The bare facts of the end, as far as there are any. */
function Marks({
  outcome: { kind, exitCode, signal, forced, left, attempts },
}: {
  readonly outcome: Outcome
}) {
  const t = useMessages('execution').outcome
  const marks = [
    kind === 'failed' && exitCode !== null && t.exit(exitCode),
    signal !== null && t.signal(signal),
    forced && t.forced,
    (kind === 'unreachable' || attempts > 1) && attempts > 0 && t.attempts(attempts),
  ].filter((mark) => mark !== false)
  if (marks.length === 0 && left.length === 0 && kind !== 'lost') return null
  return (
    <ul className="space-y-1 text-sm text-muted-foreground">
      {marks.length > 0 && <li>{marks.join(' · ')}</li>}
      {left.length > 0 && <li className="font-medium text-status-fail">{t.left(left.join(', '))}</li>}
    </ul>
  )
}
