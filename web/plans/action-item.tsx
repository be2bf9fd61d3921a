import { clsx } from 'clsx'
import {
  ChevronRight,
  CircleAlert,
  CircleCheck,
  History,
  type LucideIcon,
  ShieldAlert,
  Undo2,
} from 'lucide-react'
import { useState } from 'react'
import type { ActionOrder, Reversibility, Risk } from '../../contract/actions.ts'
import type { NodeId } from '../../contract/ids.ts'
import type { Action, ActionOutcome } from '../../contract/plans.ts'
import { formatBytes } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Checkbox } from '../ui/checkbox.tsx'
import type { Tone } from '../ui/tone.ts'
import { actionAnchor } from './choice.ts'
import { ObjectHistory } from './object-history.tsx'
import { Remembered } from './rejections.tsx'
import { Room } from './room.tsx'

const riskTones: Record<Risk, Tone | undefined> = {
  low: undefined,
  medium: undefined,
  high: 'wait',
  critical: 'fail',
}
const backTones: Record<Reversibility, Tone | undefined> = {
  yes: 'ok',
  repull: undefined,
  rebuild: undefined,
  ends: 'ok',
  no: undefined,
}
const backIcons: Record<Reversibility, LucideIcon> = {
  yes: Undo2,
  repull: Undo2,
  rebuild: Undo2,
  ends: CircleCheck,
  no: CircleAlert,
}
const outcomeTones: Record<ActionOutcome['kind'], Tone> = {
  done: 'ok',
  'would-run': 'run',
  skipped: 'missed',
  failed: 'fail',
  'not-run': 'idle',
  unknown: 'wait',
}

interface ActionItemProps {
  readonly action: Action
  readonly nodeId: NodeId
  /** Chosen or not; left out where nothing can be chosen. */
  readonly isChosen?: boolean | undefined
  readonly onChoose?: ((isChosen: boolean) => void) | undefined
}

/** One change: what, why, what it frees, how it is taken back, and what became of it. */
export function ActionItem({ action, nodeId, isChosen, onChoose }: ActionItemProps) {
  const t = useMessages('plans')
  const [isUnfolded, setUnfolded] = useState(false)
  const [showsHistory, setShowsHistory] = useState(false)
  const { title, why, risk, reversibility, outcome, state, destructive } = action
  const backTone = destructive ? 'fail' : backTones[reversibility]
  const BackIcon = backIcons[reversibility]
  const isQuiet = state === 'rejected' || state === 'held' || state === 'superseded' || state === 'expired'
  const heading = (
    <span className={clsx('min-w-0 foreign', isQuiet ? 'text-muted-foreground' : 'font-medium')}>
      {title}
    </span>
  )
  return (
    <li id={actionAnchor(action.aid)} className="scroll-mt-20 px-4 py-3.5 target:bg-primary/6">
      <div className="flex flex-wrap items-start justify-between gap-x-3 gap-y-1.5">
        {onChoose ? (
          <Checkbox
            className="min-h-7 min-w-0 flex-1 basis-56 pointer-coarse:min-h-11"
            checked={isChosen ?? false}
            onChange={(event) => onChoose(event.target.checked)}
            label={heading}
          />
        ) : (
          <h3 className="min-w-0 flex-1 basis-56">{heading}</h3>
        )}
        <Standing action={action} />
      </div>
      <div className={clsx('mt-1.5 space-y-2', onChoose && 'sm:ps-7.5')}>
        {why !== '' && <p className="text-muted-foreground text-pretty foreign">{why}</p>}
        <div className="flex flex-wrap items-center gap-1.5">
          <Badge {...(backTone && { tone: backTone })} icon={<BackIcon aria-hidden />}>
            <span className="sr-only">{t.reversibilityLabel}: </span>
            {t.reversibility[reversibility]}
          </Badge>
          <Badge
            {...(riskTones[risk] && { tone: riskTones[risk] })}
            {...(riskTones[risk] && { icon: <ShieldAlert aria-hidden /> })}
          >
            {t.risk[risk]}
          </Badge>
          {action.bytesMax !== null && (
            <span className="text-sm text-muted-foreground">
              <Room least={action.bytesMin ?? 0} most={action.bytesMax} />
            </span>
          )}
        </div>
        {outcome && <OutcomeLine outcome={outcome} />}
        {action.rejection && <Remembered rejection={action.rejection} />}
        <div className="flex flex-wrap gap-x-3.5 gap-y-1 text-sm text-muted-foreground">
          <button
            type="button"
            aria-expanded={isUnfolded}
            onClick={() => setUnfolded(!isUnfolded)}
            className={linkLook}
          >
            <ChevronRight
              aria-hidden
              className={clsx('size-3.5 transition-transform', isUnfolded && 'rotate-90')}
            />
            {t.details}
          </button>
          <button type="button" onClick={() => setShowsHistory(true)} className={linkLook}>
            <History aria-hidden className="size-3.5" />
            {t.history}
          </button>
        </div>
        {isUnfolded && <Exactly order={action.order} />}
      </div>
      {showsHistory && (
        <ObjectHistory nodeId={nodeId} object={action.object} onClose={() => setShowsHistory(false)} />
      )}
    </li>
  )
}

const linkLook =
  'inline-flex min-h-6 items-center gap-1.5 rounded-xs underline-offset-4 hover:text-foreground hover:underline pointer-coarse:min-h-11'

function Standing({ action: { state, outcome } }: { readonly action: Action }) {
  const t = useMessages('plans')
  if (outcome && (state === 'settled' || outcome.kind === 'would-run'))
    return <Badge tone={outcomeTones[outcome.kind]}>{t.outcomes[outcome.kind]}</Badge>
  if (state === 'waiting') return null
  return (
    <Badge {...(state === 'second-person' ? { tone: 'wait' } : state === 'approved' ? { tone: 'run' } : {})}>
      {t.states[state]}
    </Badge>
  )
}

/** What became of it, where the badge does not say all. */
function OutcomeLine({ outcome: { reason, why, bytesFreed } }: { readonly outcome: ActionOutcome }) {
  const t = useMessages('plans')
  const freed = bytesFreed !== null && bytesFreed > 0 ? t.freed(formatBytes(bytesFreed)) : null
  if (reason === null && why === null && freed === null) return null
  return (
    <p className="text-sm text-pretty">
      {reason && `${t.reasons[reason]} `}
      {why !== null && <span className="text-muted-foreground foreign">{why}</span>}
      {freed}
    </p>
  )
}

/** The parts that the approval binds, as they travel to the node. */
function Exactly({ order }: { readonly order: ActionOrder }) {
  const rows = [
    ['type', order.type] as const,
    ...Object.entries({ ...order.target, ...order.args, ...order.precondition }),
  ]
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 rounded-md bg-muted px-3 py-2 text-sm">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted-foreground">{name}</dt>
          <dd className="font-mono text-xs leading-5 break-all foreign">{toText(value)}</dd>
        </div>
      ))}
    </dl>
  )
}

const toText = (value: unknown): string => (Array.isArray(value) ? value.join(', ') || '–' : String(value))
