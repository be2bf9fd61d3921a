import { clsx } from 'clsx'
import { Check, LoaderCircle, type LucideIcon, TriangleAlert } from 'lucide-react'
import type { Execution } from '../../contract/executions.ts'
import { formatDuration } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { Progress } from '../ui/progress.tsx'
import { foundIn, type Step, type Story, stepsOf } from './story.ts'

interface ActiveOverviewProps {
  readonly execution: Execution
  /** Undefined while it is still read. */
  readonly story: Story | undefined
}

/** What is known of an execution that goes on: where it stands, its steps, and what it has found so far. */
export function ActiveOverview({ execution: { state, waitingFor }, story }: ActiveOverviewProps) {
  const t = useMessages('execution').active
  const steps = story ? stepsOf(story) : []
  const done = steps.filter((step) => step.state !== 'start').length
  const word = state === 'queued' || state === 'connecting' || state === 'stopping' ? t[state] : t.running
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Card aria-label={t.steps}>
        <CardHeader>
          <CardTitle>{word}</CardTitle>
          {/* Not a live region: it would talk all the time. The state in the head of the page is one. */}
          {steps.length > 0 && (
            <p className="text-sm text-muted-foreground">{t.stepsDone(done, steps.length)}</p>
          )}
        </CardHeader>
        <CardContent className="space-y-3">
          {state !== 'queued' && <Progress label={word} />}
          {state === 'queued' && waitingFor && <p className="foreign">{t.queuedText(waitingFor)}</p>}
          {state !== 'queued' && steps.length === 0 && <p className="text-muted-foreground">{t.noSteps}</p>}
          {steps.length > 0 && (
            <ul className="grid gap-x-6 gap-y-1 sm:grid-cols-2">
              {steps.map((step) => (
                <StepLine key={step.name} step={step} />
              ))}
            </ul>
          )}
        </CardContent>
      </Card>
      <Found story={story} />
    </div>
  )
}

const looks: Record<Step['state'], { readonly Icon: LucideIcon; readonly colour: string }> = {
  start: { Icon: LoaderCircle, colour: 'text-status-run animate-spin' },
  ok: { Icon: Check, colour: 'text-status-ok' },
  error: { Icon: TriangleAlert, colour: 'text-status-missed' },
}

function StepLine({ step: { name, state, ms, percent } }: { readonly step: Step }) {
  const t = useMessages('execution').active
  const { Icon, colour } = looks[state]
  return (
    <li className="flex min-h-7 min-w-0 items-center gap-2">
      <Icon aria-hidden className={clsx('size-4 shrink-0', colour)} />
      <span className="min-w-0 truncate" title={name}>
        {name}
      </span>
      <span className="sr-only">{t.step[state]}</span>
      <span className="ms-auto shrink-0 text-sm text-muted-foreground tabular-nums">
        {state === 'start'
          ? percent !== null && `${Math.round(percent)} %`
          : ms !== null && formatDuration(ms)}
      </span>
    </li>
  )
}

function Found({ story }: { readonly story: Story | undefined }) {
  const t = useMessages('execution').active
  const found = story ? foundIn(story) : []
  return (
    <Card aria-label={t.found}>
      <CardHeader>
        <CardTitle>{t.found}</CardTitle>
        {found.length > 0 && <p className="text-sm text-muted-foreground">{t.foundNote}</p>}
      </CardHeader>
      <CardContent>
        {found.length === 0 ? (
          <p className="text-muted-foreground">{t.nothingFound}</p>
        ) : (
          <ul className="space-y-1.5">
            {found.map(({ seq, text }) => (
              <li key={seq} className="text-pretty foreign">
                {text}
              </li>
            ))}
          </ul>
        )}
      </CardContent>
    </Card>
  )
}
