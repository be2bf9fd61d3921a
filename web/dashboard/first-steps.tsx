import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { Check, Circle, FlaskConical, Minus, Server } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Request } from '../../contract/endpoint.ts'
import type { FirstStepName, firstStepsApi, FirstSteps as Steps } from '../../contract/first-steps.ts'
import { useCan } from '../account/use-session.ts'
import { RunButton } from '../executions/run-button.tsx'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { query } from '../lib/query.ts'
import { samplesQuery } from '../lib/samples.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { tellFailure, tellSuccess } from '../ui/toaster.tsx'

const firstStepsQuery = query(['nodes', 'first-steps'], api.firstSteps.get, {})

interface AtHomeProps {
  /** There is no node of one's own, or nothing ran on it yet. */
  readonly isNew: boolean
  /** Above sample data, which is there to be looked at. */
  readonly isShort?: boolean
}

/** The list at home: whole while nothing is there, in one line beside what is, and gone when it is put away. */
export function FirstStepsAtHome({ isNew, isShort = false }: AtHomeProps) {
  const t = useMessages('firstSteps')
  const mayChange = useCan('settings.write')
  const { data: steps } = useQuery(firstStepsQuery)
  if (!mayChange) {
    return isNew && !isShort ? (
      <Card>
        <EmptyState icon={Server} title={t.emptyViewer} text={t.emptyViewerText} />
      </Card>
    ) : null
  }
  if (!steps) return isNew ? <Skeleton className={isShort ? 'h-20' : 'h-64'} /> : null
  const isAway = steps.isPutAway || isOver(steps)
  // Without a node there is nothing else to show.
  if (isNew && !isShort && (steps.nodeId === null || !isAway)) {
    return (
      <>
        <StepList steps={steps} />
        <LookAround />
      </>
    )
  }
  return isAway ? null : <InOneLine steps={steps} />
}

/** All steps, however far they are. */
export function FirstStepsPage() {
  const t = useMessages('firstSteps')
  const steps = useQuery(firstStepsQuery)
  return (
    <>
      <PageHeader title={t.title} subtitle={t.text} />
      <div className="grid gap-6">
        {steps.isPending && <Skeleton className="h-64" />}
        {steps.isError && <ErrorPanel error={steps.error} onRetry={() => void steps.refetch()} />}
        {steps.data && <StepList steps={steps.data} isPage />}
        <LookAround />
      </div>
    </>
  )
}

const isSettled = ({ isDone, isSkipped }: Steps['steps'][number]) => isDone || isSkipped
const isOver = ({ steps }: Steps) => steps.every(isSettled)

type Change = Request<(typeof firstStepsApi)['firstSteps']['change']>['body']

function useChange() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Change) => api.firstSteps.change({ body }),
    onSuccess: (next) => queries.setQueryData(firstStepsQuery.queryKey, next),
    onError: tellFailure,
  })
}

function InOneLine({ steps }: { readonly steps: Steps }) {
  const t = useMessages('firstSteps')
  const change = useChange()
  const next = steps.steps.find((step) => !isSettled(step))
  return (
    <Card aria-label={t.title} className="flex flex-wrap items-center gap-x-4 gap-y-2 p-4">
      <div className="min-w-0 flex-1 basis-56">
        <h2 className="font-semibold">
          {t.title} <Progress steps={steps} />
        </h2>
        {next && <p className="text-muted-foreground">{t.next(t.steps[next.name].title)}</p>}
      </div>
      <div className="flex flex-wrap gap-2">
        <Button
          size="sm"
          variant="ghost"
          onClick={() => change.mutate({ isPutAway: true }, { onSuccess: () => tellSuccess(t.putAwayText) })}
        >
          {t.putAway}
        </Button>
        <Button asChild size="sm" variant="secondary">
          <Link to="/first-steps">{t.all}</Link>
        </Button>
      </div>
    </Card>
  )
}

function Progress({ steps: { steps } }: { readonly steps: Steps }) {
  const t = useMessages('firstSteps')
  return (
    <span className="ms-1 text-sm font-normal text-muted-foreground tabular-nums">
      {t.progress(steps.filter(({ isDone }) => isDone).length, steps.length)}
    </span>
  )
}

function StepList({ steps, isPage = false }: { readonly steps: Steps; readonly isPage?: boolean }) {
  const t = useMessages('firstSteps')
  const mayChange = useCan('settings.write')
  const change = useChange()
  const next = steps.steps.find((step) => !isSettled(step))?.name
  const skipped = steps.steps.filter(({ isSkipped }) => isSkipped).map(({ name }) => name)
  return (
    <Card aria-label={t.title} className="p-5 md:p-6">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        {isPage ? (
          <Progress steps={steps} />
        ) : (
          <h2 className="text-lg font-semibold">
            {t.title} <Progress steps={steps} />
          </h2>
        )}
        {isPage && mayChange && (
          <Button size="sm" variant="ghost" onClick={() => change.mutate({ isPutAway: !steps.isPutAway })}>
            {steps.isPutAway ? t.bringBack : t.putAway}
          </Button>
        )}
      </div>
      {!isPage && <p className="text-muted-foreground text-pretty">{t.text}</p>}
      {!mayChange && <p className="text-muted-foreground">{t.forAdmins}</p>}
      {isOver(steps) && <p className="mt-2">{t.allDone}</p>}
      <ol className="mt-4 divide-y divide-border">
        {steps.steps.map(({ name, isDone, isSkipped }) => {
          const { title, text } = t.steps[name]
          const isNext = name === next
          const isOff = isDone || isSkipped
          return (
            <li
              key={name}
              {...(isNext && { 'aria-current': 'step' })}
              // On a phone Skip stands beside the step, and what it is done with below.
              className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-start gap-x-3 gap-y-2 py-3 sm:grid-cols-[auto_minmax(0,1fr)_auto_auto]"
            >
              <Mark isDone={isDone} isSkipped={isSkipped} />
              <div className="min-w-0">
                <p className={clsx('font-medium', isOff && 'text-muted-foreground')}>
                  {title}
                  {isOff && (
                    <span className={clsx('ms-2 text-sm', isDone && 'text-status-ok')}>
                      {isDone ? t.done : t.skipped}
                    </span>
                  )}
                </p>
                {!isOff && <p className="text-sm text-muted-foreground text-pretty">{text}</p>}
              </div>
              {mayChange && !isOff && (
                <div className="max-sm:col-span-2 max-sm:col-start-2 max-sm:row-start-2">
                  <StepAction name={name} nodeId={steps.nodeId} isNext={isNext} />
                </div>
              )}
              {mayChange && !isDone && (
                <Button
                  size="sm"
                  variant="ghost"
                  className="-my-1 sm:col-start-4"
                  aria-label={isSkipped ? t.takeUpThis(title) : t.skipThis(title)}
                  onClick={() =>
                    change.mutate({
                      skipped: isSkipped ? skipped.filter((one) => one !== name) : [...skipped, name],
                    })
                  }
                >
                  {isSkipped ? t.takeUp : t.skip}
                </Button>
              )}
            </li>
          )
        })}
      </ol>
    </Card>
  )
}

function Mark({ isDone, isSkipped }: { readonly isDone: boolean; readonly isSkipped: boolean }) {
  const Icon = isDone ? Check : isSkipped ? Minus : Circle
  return (
    <Icon
      aria-hidden
      className={clsx('mt-0.5 size-4.5 shrink-0', isDone ? 'text-status-ok' : 'text-muted-foreground')}
    />
  )
}

/** Leads to where the step is done; what needs a node says so while there is none. */
function StepAction({
  name,
  nodeId,
  isNext,
}: {
  readonly name: FirstStepName
  readonly nodeId: Steps['nodeId']
  readonly isNext: boolean
}) {
  const t = useMessages('firstSteps')
  const needsNode = name === 'key' || name === 'run' || name === 'dry-run' || name === 'plan'
  if (needsNode && !nodeId) return <span className="text-sm text-muted-foreground">{t.waitForNode}</span>
  const word = t.steps[name].action
  if (name === 'run' && nodeId) {
    return <RunButton label={word} request={{ agentId: 'system-health', targets: [nodeId] }} />
  }
  return (
    <Button asChild size="sm" variant={isNext ? 'primary' : 'secondary'}>
      {linkOf(name, nodeId, word)}
    </Button>
  )
}

function linkOf(
  name: Exclude<FirstStepName, 'run'> | 'run',
  nodeId: Steps['nodeId'],
  word: string,
): ReactNode {
  switch (name) {
    case 'node':
    case 'second-node':
    case 'run':
      return <Link to="/nodes/new">{word}</Link>
    case 'key':
      return nodeId ? (
        <Link to="/nodes/$id" params={{ id: nodeId }} search={{ tab: 'connection' }}>
          {word}
        </Link>
      ) : (
        <Link to="/nodes">{word}</Link>
      )
    case 'finding':
      return <Link to="/findings">{word}</Link>
    case 'dry-run':
      return <Link to="/agents">{word}</Link>
    case 'plan':
      return <Link to="/approvals">{word}</Link>
    case 'schedule':
      return <Link to="/schedules">{word}</Link>
    case 'told':
      return (
        <Link to="/settings" search={{ tab: 'notifications' }}>
          {word}
        </Link>
      )
    case 'kit':
      return (
        <Link to="/settings" search={{ tab: 'master-key' }}>
          {word}
        </Link>
      )
    case 'money':
      return (
        <Link to="/settings" search={{ tab: 'ai' }}>
          {word}
        </Link>
      )
  }
}

/** Offers sample data while there is no real node; nothing otherwise. */
function LookAround() {
  const t = useMessages('firstSteps').samples
  const mayAdd = useCan('node.write')
  const queries = useQueryClient()
  const { data: samples } = useQuery(samplesQuery)
  const add = useMutation({
    mutationFn: () => api.samples.add({}),
    onSuccess: async () => {
      tellSuccess(t.added)
      await queries.invalidateQueries()
    },
    onError: tellFailure,
  })
  if (!mayAdd || !samples?.canAdd) return null
  return (
    <Card className="flex flex-wrap items-center gap-x-4 gap-y-3 p-5 md:p-6">
      <p className="min-w-0 flex-1 basis-64 text-muted-foreground text-pretty">{t.lookText}</p>
      <Button variant="secondary" isLoading={add.isPending} onClick={() => add.mutate()}>
        <FlaskConical aria-hidden />
        {t.look}
      </Button>
    </Card>
  )
}
