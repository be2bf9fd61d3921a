import { Sunrise } from 'lucide-react'
import type { ComingOccurrence, SchedulePreview } from '../../contract/schedules.ts'
import { formatMoney, formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { inZone } from './words.ts'

interface ComingRunsProps {
  readonly preview: SchedulePreview
  readonly zone: string
  /** As many as fit. */
  readonly most?: number
}

/** The next runs, what a change of the clock does to them, and what they cost. */
export function ComingRuns({ preview, zone, most = 8 }: ComingRunsProps) {
  const t = useMessages('schedules')
  const { next, clockChange, runsPerMonth, cost } = preview
  return (
    <div className="space-y-3">
      {next.length === 0 ? (
        <p className="text-muted-foreground">{t.noNext}</p>
      ) : (
        <ol aria-label={t.nextRuns} className="divide-y divide-border">
          {next.slice(0, most).map((occurrence) => (
            <ComingRun key={occurrence.at} occurrence={occurrence} zone={zone} />
          ))}
        </ol>
      )}
      {clockChange && (
        <p className="flex gap-2 text-sm text-muted-foreground text-pretty">
          <Sunrise aria-hidden className="mt-0.5 size-4 shrink-0" />
          {t.clockChange(inZone(clockChange.at, zone), clockChange.byMinutes)}
        </p>
      )}
      <p className="text-sm text-muted-foreground">
        {t.perMonth(runsPerMonth, formatNumber(runsPerMonth))}
        {cost !== null &&
          cost.mostNanoUsd > 0 &&
          ` · ${t.cost(formatMoney(cost.likelyNanoUsd), formatMoney(cost.mostNanoUsd))}`}
      </p>
    </div>
  )
}

function ComingRun({ occurrence, zone }: { readonly occurrence: ComingOccurrence; readonly zone: string }) {
  const t = useMessages('schedules')
  const { at, dueAt, wall, shift, isBlackedOut } = occurrence
  return (
    <li className="py-1.5">
      <span className="flex flex-wrap items-baseline justify-between gap-x-3">
        <span className={isBlackedOut ? 'text-muted-foreground line-through' : 'tabular-nums'}>
          {inZone(dueAt, zone)}
        </span>
        <span className="text-sm text-muted-foreground">
          {isBlackedOut ? <Badge>{t.blackedOut}</Badge> : <RelativeTime at={dueAt} plain />}
        </span>
      </span>
      {shift && (
        <span className="block text-sm text-status-wait text-pretty">
          {t.shifts[shift](wall.slice(11), inZone(at, zone))}
        </span>
      )}
    </li>
  )
}
