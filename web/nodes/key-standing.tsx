import { CircleAlert, CircleCheck, Clock, Hand, LoaderCircle } from 'lucide-react'
import type { NodeKey } from '../../contract/keys.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import type { Tone } from '../ui/tone.ts'
import { isStuck } from './key-progress.ts'

const tones: Record<NodeKey['standing'], Tone | undefined> = {
  fresh: 'ok',
  soon: 'wait',
  overdue: 'fail',
  off: undefined,
  none: undefined,
}

/** Where a key stands, in one word: a rotation under way says more than its age. */
export function KeyStanding({ nodeKey: { standing, rotation } }: { readonly nodeKey: NodeKey }) {
  const t = useMessages('keys')
  if (rotation && isStuck(rotation)) {
    return (
      <Badge tone="wait" icon={<Hand aria-hidden />}>
        {rotation.step === 'undone' ? t.undone : t.steps[stepOf(rotation.step)]}
      </Badge>
    )
  }
  if (rotation && rotation.endedAt === null) {
    return (
      <Badge tone="run" icon={rotation.step === 'grace' ? <Clock aria-hidden /> : <Working />}>
        {t.steps[stepOf(rotation.step)]}
      </Badge>
    )
  }
  const Icon = { fresh: CircleCheck, soon: Clock, overdue: CircleAlert, off: null, none: null }[standing]
  const tone = tones[standing]
  return (
    <Badge {...(tone && { tone })} icon={Icon && <Icon aria-hidden />}>
      {t.standings[standing]}
    </Badge>
  )
}

const Working = () => <LoaderCircle aria-hidden className="motion-safe:animate-spin" />

type Step = NonNullable<NodeKey['rotation']>['step']
const stepOf = (step: Step) =>
  step === 'undo' || step === 'undone' || step === 'done' ? ('record' as const) : step
