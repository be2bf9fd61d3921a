import {
  Circle,
  CircleCheck,
  CircleDashed,
  CircleSlash,
  Clock,
  Merge,
  TimerOff,
  type LucideIcon,
} from 'lucide-react'
import { clsx } from 'clsx'
import type { OccurrenceState, ScheduleStanding } from '../../contract/schedules.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { type Tone, toneText } from '../ui/tone.ts'

const looks: Record<OccurrenceState, { readonly tone: Tone; readonly Icon: LucideIcon }> = {
  waiting: { tone: 'run', Icon: CircleDashed },
  ran: { tone: 'ok', Icon: CircleCheck },
  late: { tone: 'missed', Icon: Clock },
  skipped: { tone: 'idle', Icon: CircleSlash },
  merged: { tone: 'idle', Icon: Merge },
  missed: { tone: 'fail', Icon: TimerOff },
}

/** What became of an occurrence, with icon and colour. */
export function OccurrenceBadge({ state }: { readonly state: OccurrenceState }) {
  const t = useMessages('schedules')
  const { tone, Icon } = looks[state]
  return (
    <span
      className={clsx(
        'inline-flex items-center gap-1.5 align-middle font-medium whitespace-nowrap',
        toneText[tone],
      )}
    >
      <Icon aria-hidden className="size-4 shrink-0" />
      {t.states[state]}
    </span>
  )
}

/** The same as an icon alone; what is still to come has one too. */
export function OccurrenceMark({ state }: { readonly state: OccurrenceState | 'coming' }) {
  const t = useMessages('schedules')
  const { tone, Icon } = state === 'coming' ? { tone: 'idle' as const, Icon: Circle } : looks[state]
  const word = state === 'coming' ? t.toCome : t.states[state]
  return (
    <span title={word} className={toneText[tone]}>
      <Icon aria-hidden className="size-3.5 shrink-0" />
      <span className="sr-only">{word}</span>
    </span>
  )
}

const standingTones: Record<ScheduleStanding, Tone | undefined> = {
  ok: 'ok',
  paused: undefined,
  overdue: 'fail',
  ended: undefined,
}

/** How a schedule does. */
export function StandingBadge({ standing }: { readonly standing: ScheduleStanding }) {
  const t = useMessages('schedules')
  const tone = standingTones[standing]
  return <Badge {...(tone && { tone })}>{t.standings[standing]}</Badge>
}
