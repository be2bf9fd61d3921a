import { useQuery } from '@tanstack/react-query'
import { CalendarX2 } from 'lucide-react'
import { useState } from 'react'
import type { Schedule, SettledOccurrence } from '../../contract/schedules.ts'
import { useMessages } from '../lib/messages.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { BatchLink } from './batch-link.tsx'
import { HistoryCard } from './history-card.tsx'
import { OccurrenceBadge } from './occurrence-badge.tsx'
import { occurrencesQuery } from './queries.ts'
import { inZone } from './words.ts'

/** What became of the runs before, newest first. */
export function ScheduleHistory({ schedule: { id, zone } }: { readonly schedule: Schedule }) {
  const t = useMessages('schedules')
  const [cursor, setCursor] = useState<string | undefined>()
  const list = useQuery(occurrencesQuery(id, cursor))
  return (
    <HistoryCard
      title={t.history}
      list={list}
      cursor={cursor}
      onCursor={setCursor}
      empty={<EmptyState icon={CalendarX2} title={t.noHistory} text={t.noHistoryText} />}
    >
      {(occurrence) => <PastRun key={occurrence.at} occurrence={occurrence} zone={zone} />}
    </HistoryCard>
  )
}

function PastRun({ occurrence, zone }: { readonly occurrence: SettledOccurrence; readonly zone: string }) {
  const t = useMessages('schedules')
  const { at, state, reason, detail, count, batchId, executions } = occurrence
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-0.5 px-4 py-2.5">
      <span className="shrink-0 sm:w-28">
        <OccurrenceBadge state={state} />
      </span>
      <span className="min-w-0 flex-1 max-sm:order-last max-sm:basis-full">
        <span className="block tabular-nums">
          {inZone(at, zone)}
          {count > 1 && <span className="text-muted-foreground"> {t.andMore(count - 1)}</span>}
        </span>
        {reason && (
          <span className="block text-sm text-muted-foreground text-pretty foreign">
            {reason === 'refused' && detail ? detail : t.reasons[reason]}
          </span>
        )}
      </span>
      <BatchLink batchId={batchId} executions={executions} words={t} />
    </li>
  )
}
