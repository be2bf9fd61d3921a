import { Link } from '@tanstack/react-router'
import { Bot, HeartPulse, type LucideIcon } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import type { Agent } from '../../contract/agents.ts'
import type { Execution } from '../../contract/executions.ts'
import { Result } from '../executions/result.tsx'
import { useStart } from '../executions/list-queries.ts'
import { ResolvedNodes } from '../executions/resolved-nodes.tsx'
import { RunSplitButton } from '../executions/run-button.tsx'
import { termsOf, toSelection } from '../executions/selection.ts'
import { useResolved } from '../executions/use-resolved.ts'
import { useLater } from '../lib/later.ts'
import { useMessages } from '../lib/messages.ts'
import { Card } from '../ui/card.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { StatusBadge } from '../ui/status-badge.tsx'

// Nobody types into it before they have looked at the page.
const TargetField = lazy(async () => ({
  default: (await import('../executions/target-field.tsx')).TargetField,
}))
const fieldPlace = <Skeleton className="h-9 pointer-coarse:h-11" />

const icons: Readonly<Record<string, LucideIcon>> = { 'system-health': HeartPulse }

interface AgentCardProps {
  readonly agent: Agent
  /** Its last execution on any node; null when there is none among the recent ones. */
  readonly latest: Execution | null
}

/** An agent to run with one click: what it said last, on which nodes it would run, and the button. */
export function AgentCard({ agent: { manifest }, latest }: AgentCardProps) {
  const t = useMessages('dashboard')
  const [selection, setSelection] = useState(toSelection(['all']))
  const terms = termsOf(selection)
  const resolved = useResolved(manifest.id, terms)
  const start = useStart()
  const isLater = useLater()
  const Icon = icons[manifest.id] ?? Bot
  const canChange = manifest.actions.length > 0
  const nobody =
    terms.length === 0 || (resolved.preview.isSuccess && !resolved.isOld && resolved.eligible.length === 0)
  return (
    <Card aria-label={manifest.title} className="flex flex-col gap-3 p-4">
      <div className="flex items-start gap-3">
        <span className="grid size-9 shrink-0 place-items-center rounded-md bg-muted text-muted-foreground">
          <Icon aria-hidden className="size-5" />
        </span>
        <div className="min-w-0 flex-1">
          <Link
            to="/agents/$id"
            params={{ id: manifest.id }}
            className="block truncate font-semibold hover:underline"
          >
            <bdi>{manifest.title}</bdi>
          </Link>
          <p className="line-clamp-2 text-sm text-muted-foreground foreign" title={manifest.description}>
            {manifest.description}
          </p>
        </div>
        <RunSplitButton
          agentId={manifest.id}
          title={manifest.title}
          canChange={canChange}
          isStarting={start.isPending}
          isDisabled={nobody}
          request={{ targets: terms }}
          onStart={({ dryRun }) => start.mutate({ agentId: manifest.id, targets: terms, dryRun })}
        />
      </div>
      {latest ? (
        <div className="min-w-0 text-sm text-muted-foreground">
          <div className="flex min-w-0 items-center gap-1.5">
            <StatusBadge state={latest.state} iconOnly />
            <Result execution={latest} />
          </div>
          <p className="flex min-w-0 items-center gap-1.5">
            <Link
              to="/executions/$id"
              params={{ id: latest.id }}
              className="min-w-0 truncate hover:text-foreground hover:underline"
            >
              <bdi>{t.lastResult(latest.nodeName)}</bdi>
            </Link>
            <span aria-hidden>·</span>
            <RelativeTime at={latest.finishedAt ?? latest.queuedAt} plain />
          </p>
        </div>
      ) : (
        <p className="text-sm text-muted-foreground">{t.neverRan}</p>
      )}
      <div className="mt-auto space-y-2">
        <Suspense fallback={fieldPlace}>
          {isLater ? (
            <TargetField label={t.runOn(manifest.title)} value={selection} onChange={setSelection} />
          ) : (
            fieldPlace
          )}
        </Suspense>
        <ResolvedNodes compact resolved={resolved} isEmpty={terms.length === 0} />
      </div>
      {start.isError && <ErrorPanel error={start.error} />}
    </Card>
  )
}
