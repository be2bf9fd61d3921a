import {
  CircleCheck,
  CircleDashed,
  Clock,
  Hand,
  KeyRound,
  LoaderCircle,
  RefreshCw,
  Wrench,
} from 'lucide-react'
import { clsx } from 'clsx'
import { type ReactNode, useState } from 'react'
import { graceRuns } from '../../contract/key-terms.ts'
import type { KeyRotation, NodeKey } from '../../contract/keys.ts'
import { useCan } from '../account/use-session.ts'
import { formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { Copyable } from '../ui/copyable.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { tellSuccess } from '../ui/toaster.tsx'
import { toneEdge, toneText, toneTint } from '../ui/tone.ts'
import { FixText } from './fix-text.tsx'
import { canCancel, isStuck, type StepState, toProgress } from './key-progress.ts'
import { useKeyActions } from './key-queries.ts'
import { KeyStanding } from './key-standing.tsx'

/** The key of one node: since when, until when, and how far its renewal has come. */
export function KeyPanel({ nodeKey }: { readonly nodeKey: NodeKey }) {
  const t = useMessages('keys')
  const { fingerprint, since, dueAt, standing, isOwn, isUploaded, cannotRotate, credentialName } = nodeKey
  const { rotation } = nodeKey
  const isUnderWay = rotation !== null && rotation.endedAt === null
  return (
    <div className="grid gap-4">
      <dl className="grid gap-x-4 gap-y-1.5 text-sm sm:grid-cols-[8rem_1fr]">
        <Fact name={t.state}>
          <KeyStanding nodeKey={nodeKey} />
        </Fact>
        {fingerprint && (
          <Fact name={t.key}>
            <Copyable value={fingerprint} what={t.key} />
            <p className="text-muted-foreground foreign">
              {isOwn ? t.own : credentialName && t.shared(credentialName)}
            </p>
          </Fact>
        )}
        {since && (
          <Fact name={t.since}>
            <RelativeTime at={since} />
          </Fact>
        )}
        {dueAt && (
          <Fact name={t.due}>
            <RelativeTime at={dueAt} />
          </Fact>
        )}
      </dl>
      {cannotRotate && <p className="text-muted-foreground text-pretty">{t.cannot[cannotRotate]}</p>}
      {standing === 'off' && !isUnderWay && <p className="text-muted-foreground">{t.offText}</p>}
      {isUploaded && !isUnderWay && <p className="text-muted-foreground text-pretty">{t.uploaded}</p>}
      {rotation && <Rotation nodeKey={nodeKey} rotation={rotation} />}
      <Actions nodeKey={nodeKey} />
    </div>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-muted-foreground">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  )
}

interface RotationProps {
  readonly nodeKey: NodeKey
  readonly rotation: KeyRotation
}

function Rotation({ nodeKey, rotation }: RotationProps) {
  const t = useMessages('keys')
  const { step, waitsForRun, strategy, endedAt } = rotation
  if (step === 'done') {
    return (
      <p className="flex items-center gap-2 text-sm">
        <CircleCheck aria-hidden className="size-4 text-status-ok" />
        <span>
          {t.done} {endedAt && <RelativeTime at={endedAt} />}
          {strategy && <span className="text-muted-foreground">, {t.strategies[strategy]}</span>}
        </span>
      </p>
    )
  }
  return (
    <div className="grid gap-4">
      <Steps rotation={rotation} />
      {waitsForRun && <p role="status">{t.waitsForRun}</p>}
      {step === 'undo' && <p role="status">{t.undoing}</p>}
      {rotation.problem && (isStuck(rotation) || step === 'undone') && <Trouble rotation={rotation} />}
      {rotation.line && <ByHand nodeKey={nodeKey} rotation={rotation} line={rotation.line} />}
    </div>
  )
}

const looks: Record<StepState, { readonly icon: typeof Hand; readonly className: string }> = {
  done: { icon: CircleCheck, className: 'text-status-ok' },
  now: { icon: LoaderCircle, className: 'text-status-run motion-safe:animate-spin' },
  stuck: { icon: Hand, className: 'text-status-wait' },
  todo: { icon: CircleDashed, className: 'text-muted-foreground' },
}

const waits = { icon: Clock, className: 'text-status-run' }

function Steps({ rotation }: { readonly rotation: KeyRotation }) {
  const t = useMessages('keys')
  const progress = toProgress(rotation)
  if (progress.length === 0) return null
  return (
    <ol aria-label={t.stepsLabel} aria-live="polite" className="grid gap-1.5">
      {progress.map(({ step, state }) => {
        // What takes a day does not turn all the while.
        const isWaiting = step === 'grace' && state === 'now'
        const { icon: Icon, className } = isWaiting ? waits : looks[state]
        return (
          <li
            key={step}
            className="flex gap-2.5"
            aria-current={state === 'now' || state === 'stuck' ? 'step' : undefined}
          >
            <Icon aria-hidden className={clsx('mt-0.75 size-4 shrink-0', className)} />
            <span className={clsx('min-w-0', state === 'todo' && 'text-muted-foreground')}>
              {t.steps[step]}
              <span className="sr-only">: {t.stepStates[state]}</span>
              {step === 'grace' && rotation.step === 'grace' && rotation.graceUntil && (
                <span className="block text-sm text-muted-foreground">
                  {t.graceText(formatNumber(Math.min(rotation.goodRuns, graceRuns)), formatNumber(graceRuns))}{' '}
                  <RelativeTime at={rotation.graceUntil} />
                </span>
              )}
            </span>
          </li>
        )
      })}
    </ol>
  )
}

/** What is wrong, which key is in force meanwhile, and the way out. */
function Trouble({ rotation }: { readonly rotation: KeyRotation }) {
  const t = useMessages('keys')
  const { problem, retryAt, step, strategy, activatedAt } = rotation
  if (!problem) return null
  const isUndone = step === 'undone' || step === 'undo'
  const isNewInForce = activatedAt !== null && !isUndone
  return (
    <section className={clsx('grid gap-2 rounded-lg border p-3', toneTint.wait, toneEdge.wait)} role="status">
      <p className="flex gap-2 font-semibold">
        <Hand aria-hidden className={clsx('mt-0.5 size-4.5 shrink-0', toneText.wait)} />
        {problem.title}
      </p>
      {problem.detail !== `${problem.title}.` && <p className="foreign">{problem.detail}</p>}
      {/* What to do by hand stands below, with the line itself. */}
      {problem.code !== 'key.by_hand' && (
        <p className="flex gap-2">
          <Wrench aria-hidden className="mt-1 size-3.5 shrink-0 text-muted-foreground" />
          <span className="min-w-0 foreign">
            <FixText text={problem.fix} />
          </span>
        </p>
      )}
      <p className="text-sm text-muted-foreground">
        {isNewInForce ? t.inForceNew : t.inForceOld}
        {isUndone && strategy === 'manual' && ` ${t.unused}`}
        {retryAt && (
          <>
            {' '}
            {t.nextAttempt} <RelativeTime at={retryAt} />.
          </>
        )}
      </p>
    </section>
  )
}

function ByHand({ nodeKey, rotation, line }: RotationProps & { readonly line: string }) {
  const t = useMessages('keys')
  const mayWrite = useCan('credential.write')
  const { confirm } = useKeyActions(nodeKey.nodeId)
  const isAdding = rotation.step === 'append'
  return (
    <section className="grid gap-2">
      <h3 className="font-semibold">{isAdding ? t.pasteTitle : t.removeTitle}</h3>
      <p className="text-sm text-muted-foreground text-pretty">{isAdding ? t.pasteText : t.removeText}</p>
      <CodeBlock label={isAdding ? t.pasteWhat : t.removeWhat} code={line} wrap />
      {mayWrite && (
        <div>
          <Button
            variant="primary"
            className="max-sm:w-full"
            isLoading={confirm.isPending}
            onClick={() => confirm.mutate()}
          >
            {isAdding ? t.pasteDone : t.removeDone}
          </Button>
        </div>
      )}
      {confirm.isError && <ErrorPanel error={confirm.error} isCompact />}
    </section>
  )
}

function Actions({ nodeKey }: { readonly nodeKey: NodeKey }) {
  const t = useMessages('keys')
  const mayWrite = useCan('credential.write')
  const { cancel, forget } = useKeyActions(nodeKey.nodeId)
  const [asks, setAsks] = useState<'cancel' | 'forget' | null>(null)
  const { rotation, isOwn } = nodeKey
  const isUnderWay = rotation !== null && rotation.endedAt === null
  if (!mayWrite) return null
  const mayCancel = isUnderWay && canCancel(rotation)
  const mayForget = isOwn && !isUnderWay
  const mayRotate = !isUnderWay && nodeKey.cannotRotate === null
  if (!mayCancel && !mayForget && !mayRotate) return null
  const close = () => setAsks(null)
  return (
    <div className="flex flex-wrap gap-2 max-sm:*:w-full">
      {mayRotate && <RotateButton nodeKey={nodeKey} />}
      {mayCancel && (
        <Button variant="secondary" onClick={() => setAsks('cancel')}>
          {t.cancel}
        </Button>
      )}
      {mayForget && (
        <Button variant="ghost" onClick={() => setAsks('forget')}>
          {t.forget}
        </Button>
      )}
      <ConfirmDialog
        open={asks === 'cancel'}
        onOpenChange={(open) => !open && close()}
        title={t.cancelTitle}
        description={t.cancelText}
        confirmLabel={t.cancel}
        variant="primary"
        isPending={cancel.isPending}
        error={cancel.error}
        onConfirm={() => cancel.mutate(undefined, { onSuccess: close })}
      />
      <ConfirmDialog
        open={asks === 'forget'}
        onOpenChange={(open) => !open && close()}
        title={t.forgetTitle}
        description={t.forgetText}
        confirmLabel={t.forget}
        isPending={forget.isPending}
        error={forget.error}
        onConfirm={() =>
          forget.mutate(undefined, {
            onSuccess: () => {
              tellSuccess(t.forgotten)
              close()
            },
          })
        }
      />
    </div>
  )
}

interface RotateButtonProps {
  readonly nodeKey: NodeKey
  readonly size?: 'sm'
}

/** Begins a rotation. A key that others may use as well is asked about first. */
export function RotateButton({
  nodeKey: { nodeId, nodeName, isUploaded, standing },
  size,
}: RotateButtonProps) {
  const t = useMessages('keys')
  const { rotate } = useKeyActions(nodeId)
  const [isAsking, setAsking] = useState(false)
  const begin = () =>
    rotate.mutate(isUploaded, {
      onSuccess: () => {
        tellSuccess(t.begun(nodeName))
        setAsking(false)
      },
      onError: () => setAsking(true),
    })
  const isPressing = standing === 'overdue' || standing === 'soon'
  return (
    <>
      <Button
        {...(size && { size })}
        variant={isPressing && !size ? 'primary' : 'secondary'}
        aria-label={size ? t.rotateThis(nodeName) : undefined}
        isLoading={rotate.isPending}
        onClick={() => (isUploaded ? setAsking(true) : begin())}
      >
        {size ? <RefreshCw aria-hidden /> : <KeyRound aria-hidden />}
        {t.rotate}
      </Button>
      <ConfirmDialog
        open={isAsking}
        onOpenChange={(open) => {
          rotate.reset()
          setAsking(open)
        }}
        title={<span className="foreign">{t.uploadedTitle(nodeName)}</span>}
        description={isUploaded ? t.uploadedText : ''}
        confirmLabel={isUploaded ? t.uploadedConfirm : t.rotate}
        variant={isUploaded ? 'danger' : 'primary'}
        isPending={rotate.isPending}
        error={rotate.error}
        onConfirm={begin}
      />
    </>
  )
}
