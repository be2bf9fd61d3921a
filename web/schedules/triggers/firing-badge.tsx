import { clsx } from 'clsx'
import { CircleSlash, type LucideIcon, OctagonX, Zap } from 'lucide-react'
import type { FiringState } from '../../../contract/triggers.ts'
import { useMessages } from '../../lib/messages.ts'
import { type Tone, toneText } from '../../ui/tone.ts'

const looks: Record<FiringState, { readonly tone: Tone; readonly Icon: LucideIcon }> = {
  started: { tone: 'ok', Icon: Zap },
  held: { tone: 'idle', Icon: CircleSlash },
  refused: { tone: 'fail', Icon: OctagonX },
}

/** What came of an occasion, with icon and colour. */
export function FiringBadge({ state }: { readonly state: FiringState }) {
  const t = useMessages('triggers')
  const { tone, Icon } = looks[state]
  return (
    <span
      className={clsx(
        'inline-flex items-center gap-1.5 align-middle font-medium whitespace-nowrap',
        toneText[tone],
      )}
    >
      <Icon aria-hidden className="size-4 shrink-0" />
      {t.firingStates[state]}
    </span>
  )
}
