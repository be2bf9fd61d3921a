import { clsx } from 'clsx'
import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CirclePause,
  CircleStop,
  CircleX,
  Hand,
  LoaderCircle,
  type LucideIcon,
  Plug,
  TimerOff,
  TriangleAlert,
  Unplug,
  WifiOff,
} from 'lucide-react'
import type { ExecutionState } from '../../contract/executions.ts'
import type { Node } from '../../contract/nodes.ts'
import { useMessages } from '../lib/messages.ts'
import { type Tone, toneEdge, toneText, toneTint } from './tone.ts'

interface Look {
  readonly tone: Tone
  readonly Icon: LucideIcon
  readonly spins?: boolean
}

/** Icon and colour of each state; the same wherever a state is drawn. */
export const stateLooks: Record<ExecutionState, Look> = {
  queued: { tone: 'idle', Icon: CircleDashed },
  connecting: { tone: 'run', Icon: Plug },
  running: { tone: 'run', Icon: LoaderCircle, spins: true },
  stopping: { tone: 'run', Icon: CircleStop },
  succeeded: { tone: 'ok', Icon: CircleCheck },
  failed: { tone: 'fail', Icon: CircleX },
  'timed-out': { tone: 'missed', Icon: TimerOff },
  cancelled: { tone: 'idle', Icon: Ban },
  lost: { tone: 'missed', Icon: Unplug },
  unreachable: { tone: 'fail', Icon: WifiOff },
  blocked: { tone: 'wait', Icon: Hand },
}

export const healthLooks: Record<Node['health'], Look> = {
  unknown: { tone: 'idle', Icon: CircleHelp },
  ok: { tone: 'ok', Icon: CircleCheck },
  findings: { tone: 'wait', Icon: TriangleAlert },
  unreachable: { tone: 'fail', Icon: WifiOff },
  blocked: { tone: 'wait', Icon: Hand },
  paused: { tone: 'idle', Icon: CirclePause },
}

interface Shape {
  /** `plain` in tables and lists, `pill` where it is the headline. */
  readonly variant?: 'plain' | 'pill'
  /** The icon alone; the word stays for those who listen. */
  readonly iconOnly?: boolean
}

interface StatusBadgeProps extends Shape {
  readonly state: ExecutionState
  /** The agent could not see everything. */
  readonly partial?: boolean
}

/** The state of an execution. */
export function StatusBadge({ state, partial = false, ...shape }: StatusBadgeProps) {
  const t = useMessages('ui')
  const word = partial ? `${t.states[state]} (${t.partial})` : t.states[state]
  return <Status look={stateLooks[state]} word={word} {...shape} />
}

/** The health of a node at a glance. */
export function HealthBadge({ health, ...shape }: Shape & { readonly health: Node['health'] }) {
  const t = useMessages('ui')
  return <Status look={healthLooks[health]} word={t.health[health]} {...shape} />
}

function Status({
  look: { tone, Icon, spins },
  word,
  variant = 'plain',
  iconOnly = false,
}: Shape & { readonly look: Look; readonly word: string }) {
  return (
    <span
      title={word}
      className={clsx(
        'inline-flex align-middle max-w-full items-center gap-1.5 font-medium whitespace-nowrap',
        toneText[tone],
        variant === 'pill' && ['h-7 rounded-full border px-2.5', toneTint[tone], toneEdge[tone]],
      )}
    >
      <Icon aria-hidden className={clsx('size-4 shrink-0', spins && 'animate-spin')} />
      <span className={iconOnly ? 'sr-only' : 'truncate'}>{word}</span>
    </span>
  )
}
