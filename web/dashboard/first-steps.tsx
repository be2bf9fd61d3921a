import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { Check, KeyRound, Play, Server } from 'lucide-react'
import type { ReactNode } from 'react'
import type { NodeId } from '../../contract/ids.ts'
import { useCan } from '../account/use-session.ts'
import { RunButton } from '../executions/run-button.tsx'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'

interface FirstStepsProps {
  /** The node that was added first; null when there is none. */
  readonly nodeId: NodeId | null
  readonly hasKey: boolean
  readonly hasRun: boolean
}

/** What leads from nothing to the first report; each step is ticked off by what is there, not by clicking. */
export function FirstSteps({ nodeId, hasKey, hasRun }: FirstStepsProps) {
  const t = useMessages('firstSteps')
  const mayAdd = useCan('node.write')
  const isDone = [nodeId !== null, hasKey, hasRun]
  const next = isDone.indexOf(false)
  const steps: { title: string; text: string; icon: typeof Server; action: ReactNode }[] = [
    {
      title: t.node,
      text: t.nodeText,
      icon: Server,
      action: mayAdd && (
        <Button asChild>
          <Link to="/nodes/new">{t.nodeAction}</Link>
        </Button>
      ),
    },
    {
      title: t.key,
      text: t.keyText,
      icon: KeyRound,
      action: nodeId && (
        <Button asChild>
          <Link to="/nodes/$id" params={{ id: nodeId }} search={{ tab: 'connection' }}>
            {t.keyAction}
          </Link>
        </Button>
      ),
    },
    {
      title: t.run,
      text: t.runText,
      icon: Play,
      action: nodeId && (
        <RunButton label={t.runAction} request={{ agentId: 'system-health', targets: [nodeId] }} />
      ),
    },
  ]
  return (
    <Card aria-label={t.title} className="p-5 md:p-6">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h2 className="text-lg font-semibold">{t.title}</h2>
        <p className="text-sm text-muted-foreground tabular-nums">
          {t.progress(isDone.filter(Boolean).length)}
        </p>
      </div>
      <p className="text-muted-foreground">{t.text}</p>
      <ol className="mt-5 grid gap-3 lg:grid-cols-3">
        {steps.map(({ title, text, icon: Icon, action }, place) => (
          <li
            key={title}
            {...(place === next ? { 'aria-current': 'step' } : {})}
            className={clsx(
              'flex flex-col gap-2 rounded-md border p-4',
              place === next ? 'border-foreground' : 'border-border',
            )}
          >
            <p className="flex items-center gap-2.5 font-medium">
              {isDone[place] ? (
                <Check aria-hidden className="size-4.5 shrink-0 text-status-ok" />
              ) : (
                <Icon aria-hidden className="size-4.5 shrink-0 text-muted-foreground" />
              )}
              <span>
                {place + 1}. {title}
              </span>
              {isDone[place] && <span className="ms-auto text-sm text-status-ok">{t.done}</span>}
            </p>
            <p className="text-sm text-muted-foreground text-pretty">{text}</p>
            {place === next && action && <div className="mt-auto pt-2">{action}</div>}
          </li>
        ))}
      </ol>
    </Card>
  )
}
