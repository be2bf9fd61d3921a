import { useQuery } from '@tanstack/react-query'
import { clsx } from 'clsx'
import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleX,
  type LucideIcon,
  Stethoscope,
  Wrench,
} from 'lucide-react'
import { useCan } from '../account/use-session.ts'
import type { NodeId } from '../../contract/ids.ts'
import type { DoctorReport, DoctorStep, Node } from '../../contract/nodes.ts'
import { formatDuration } from '../lib/format.ts'
import { type Messages, useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copyable.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Progress } from '../ui/progress.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { type Tone, toneText } from '../ui/tone.ts'
import { useDoctor } from './doctor-queries.ts'
import { failedStep } from './failed-step.ts'
import { FixText } from './fix-text.tsx'
import { HostKeyPanel } from './host-key-panel.tsx'
import { nodeQuery } from './queries.ts'

interface DoctorPanelProps {
  readonly nodeId: NodeId
  /** A test went through without a failure. */
  readonly onPassed?: () => void
}

/** Tests the connection to a node, step by step, each with its fix; and asks about its host key. */
export function DoctorPanel({ nodeId, onPassed }: DoctorPanelProps) {
  const doctor = useDoctor(nodeId)
  return <DoctorBoard nodeId={nodeId} doctor={doctor} {...(onPassed && { onPassed })} />
}

/** The same, where something else on the page starts the test too. */
export function DoctorBoard({
  nodeId,
  doctor: { report, test },
  onPassed,
}: DoctorPanelProps & { readonly doctor: ReturnType<typeof useDoctor> }) {
  const t = useMessages('nodes').doctor
  const node = useQuery(nodeQuery(nodeId))
  const mayTest = useCan('node.test', nodeId)
  const run = () =>
    test.mutate(undefined, {
      onSuccess: ({ ok }) => {
        if (ok) onPassed?.()
      },
    })

  if (node.isError) return <ErrorPanel error={node.error} onRetry={() => void node.refetch()} />
  if (node.isPending) return <SkeletonRows rows={6} />
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p role="status" className="min-w-0 font-medium">
          {test.isPending ? t.testing : <Verdict report={report} node={node.data} />}
        </p>
        {mayTest && (
          <Button
            variant={report?.ok || node.data.lastSeenAt ? 'secondary' : 'primary'}
            isLoading={test.isPending}
            className="max-sm:w-full"
            onClick={run}
          >
            <Stethoscope aria-hidden />
            {report ? t.again : t.test}
          </Button>
        )}
      </div>
      {test.isPending && <Progress label={t.testing} />}
      {test.isError && <ErrorPanel error={test.error} onRetry={run} />}
      {report?.offeredHostKey && needsKey(report) && !test.isPending && (
        <HostKeyPanel node={node.data} offered={report.offeredHostKey} onConfirmed={run} />
      )}
      {report ? <Steps report={report} isOld={test.isPending} /> : <BeforeTest node={node.data} />}
    </div>
  )
}

const needsKey = ({ steps }: DoctorReport): boolean =>
  steps.some(({ step, state }) => step === 'host-key' && state === 'failed')

function Verdict({ report, node }: { readonly report: DoctorReport | undefined; readonly node: Node }) {
  const t = useMessages('nodes').doctor
  if (report) return verdictOf(report, t)
  const step = node.lastProblem && failedStep(node.lastProblem.code)
  if (step) return t.lastProblem(t.steps[step])
  if (node.lastSeenAt) {
    return (
      <>
        {t.lastGood} <RelativeTime at={node.lastSeenAt} />
      </>
    )
  }
  return t.never
}

function verdictOf(report: DoctorReport, t: Messages['nodes']['doctor']): string {
  const failed = report.steps.find(({ state }) => state === 'failed')
  if (failed) return t.failedAt(t.steps[failed.step])
  return report.steps.some(({ state }) => state === 'warning') ? t.withWarnings : t.allWell
}

/** What is known before the first test of this visit. */
function BeforeTest({ node: { lastProblem, lastSeenAt } }: { readonly node: Node }) {
  const t = useMessages('nodes').doctor
  if (!lastProblem) return <p className="text-muted-foreground">{lastSeenAt ? t.text : t.neverText}</p>
  return (
    <div className="rounded-lg border border-status-fail/35 bg-status-fail/5 p-4">
      <p className="font-semibold foreign">{lastProblem.title}</p>
      <p className="mt-1 text-muted-foreground foreign">{lastProblem.detail}</p>
      <Fix text={lastProblem.fix} />
      <p className="mt-2 text-sm text-muted-foreground">
        {lastSeenAt ? (
          <>
            {t.lastGood} <RelativeTime at={lastSeenAt} />
          </>
        ) : (
          t.neverGood
        )}
      </p>
    </div>
  )
}

const looks: Record<DoctorStep['state'], { readonly tone: Tone; readonly Icon: LucideIcon }> = {
  ok: { tone: 'ok', Icon: CircleCheck },
  warning: { tone: 'wait', Icon: CircleAlert },
  failed: { tone: 'fail', Icon: CircleX },
  skipped: { tone: 'idle', Icon: CircleDashed },
}

function Steps({ report, isOld }: { readonly report: DoctorReport; readonly isOld: boolean }) {
  const t = useMessages('nodes').doctor
  const asText = report.steps
    .map(({ step, state, detail, problem }) =>
      [`${marks[state]} ${step.padEnd(15)} ${detail}`, problem && `  → ${problem.fix}`]
        .filter(Boolean)
        .join('\n'),
    )
    .join('\n')
  return (
    <div className="rounded-lg border border-border bg-card">
      <ol className="divide-y divide-border" aria-busy={isOld}>
        {report.steps.map((step) => (
          <Step key={step.step} {...step} />
        ))}
      </ol>
      <div className="flex items-center justify-end gap-1 border-t border-border px-3 py-1 text-sm text-muted-foreground">
        <span aria-hidden>{t.copy}</span>
        <CopyButton value={asText} what={t.what} />
      </div>
    </div>
  )
}

/** As `carl doctor` prints them. */
const marks: Record<DoctorStep['state'], string> = { ok: '✓', warning: '!', failed: '✗', skipped: '·' }

function Step({ step, state, detail, ms, problem }: DoctorStep) {
  const t = useMessages('nodes').doctor
  const { tone, Icon } = looks[state]
  return (
    <li className="px-4 py-2">
      <div className="flex items-start gap-3">
        <Icon aria-hidden className={clsx('mt-0.75 size-4 shrink-0', toneText[tone])} />
        <div className="grid min-w-0 flex-1 gap-x-3 sm:grid-cols-[9rem_1fr]">
          <span className={clsx(state === 'skipped' ? 'text-muted-foreground' : 'font-medium')}>
            {t.steps[step]}
            <span className="sr-only"> ({t.states[state]})</span>
          </span>
          <span className={clsx('min-w-0 foreign', state !== 'failed' && 'text-muted-foreground')}>
            {detail}
          </span>
        </div>
        {ms > 0 && (
          <span className="shrink-0 text-sm text-muted-foreground tabular-nums">{formatDuration(ms)}</span>
        )}
      </div>
      {problem && (
        <div className="ps-7 sm:ps-[calc(1.75rem+9.75rem)]">
          <Fix text={problem.fix} />
        </div>
      )}
    </li>
  )
}

function Fix({ text }: { readonly text: string }) {
  const t = useMessages('ui').error
  return (
    <p className="mt-1 flex gap-2 text-sm">
      <Wrench aria-hidden className="mt-0.75 size-3.5 shrink-0 text-muted-foreground" />
      <span className="min-w-0 foreign">
        <span className="sr-only">{t.fix}: </span>
        <FixText text={text} />
      </span>
    </p>
  )
}
