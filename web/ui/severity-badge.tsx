import { clsx } from 'clsx'
import { CircleAlert, Info, type LucideIcon, OctagonAlert, TriangleAlert } from 'lucide-react'
import type { Severity } from '../../contract/agent-protocol.ts'
import { formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { type Tone, toneText } from './tone.ts'

export const severityLooks: Record<Severity, { readonly tone: Tone; readonly Icon: LucideIcon }> = {
  critical: { tone: 'fail', Icon: OctagonAlert },
  high: { tone: 'missed', Icon: TriangleAlert },
  warning: { tone: 'wait', Icon: CircleAlert },
  info: { tone: 'idle', Icon: Info },
}

/** How much a finding matters; with a `count`, how many of them there are. */
export function SeverityBadge({ severity, count }: { readonly severity: Severity; readonly count?: number }) {
  const t = useMessages('ui')
  const { tone, Icon } = severityLooks[severity]
  const word = t.severities[severity]
  return (
    <span
      title={count === undefined ? undefined : word}
      className={clsx(
        'inline-flex align-middle items-center gap-1.5 font-medium whitespace-nowrap',
        toneText[tone],
      )}
    >
      <Icon aria-hidden className="size-4 shrink-0" />
      {count === undefined ? (
        word
      ) : (
        <>
          <span className="tabular-nums">{formatNumber(count)}</span>
          <span className="sr-only">{word}</span>
        </>
      )}
    </span>
  )
}
