import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Zap, ZapOff } from 'lucide-react'
import { useState } from 'react'
import type { Firing, NearMiss, Trigger } from '../../../contract/triggers.ts'
import { useMessages } from '../../lib/messages.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { BatchLink } from '../batch-link.tsx'
import { HistoryCard } from '../history-card.tsx'
import { FiringBadge } from './firing-badge.tsx'
import { firingsQuery } from './queries.ts'
import { useCause } from './words.ts'

/** What it started and what it held back, newest first. */
export function TriggerHistory({ trigger: { id, nearMiss } }: { readonly trigger: Trigger }) {
  const t = useMessages('triggers')
  const [cursor, setCursor] = useState<string | undefined>()
  const list = useQuery(firingsQuery(id, cursor))
  return (
    <HistoryCard
      title={t.history}
      list={list}
      cursor={cursor}
      onCursor={setCursor}
      above={nearMiss && <Missed miss={nearMiss} />}
      empty={<EmptyState icon={Zap} title={t.noHistory} text={t.noHistoryText} />}
    >
      {(firing) => <PastFiring key={firing.id} firing={firing} />}
    </HistoryCard>
  )
}

/** What nearly fitted, and what left it out: the answer to “why did it not fire?”. */
function Missed({ miss: { at, field, cause } }: { readonly miss: NearMiss }) {
  const t = useMessages('triggers')
  const causeOf = useCause()
  return (
    <p className="flex items-start gap-2 px-4 pb-3 text-sm text-muted-foreground text-pretty">
      <ZapOff aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="min-w-0">
        {t.leftOut[field]} <span className="foreign">{causeOf(cause)}</span>, <RelativeTime at={at} />
      </span>
    </p>
  )
}

function PastFiring({ firing }: { readonly firing: Firing }) {
  const t = useMessages('triggers')
  const causeOf = useCause()
  const { at, state, reason, detail, cause, batchId, executions } = firing
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-0.5 px-4 py-2.5">
      <span className="shrink-0 sm:w-32">
        <FiringBadge state={state} />
      </span>
      <span className="min-w-0 flex-1 max-sm:order-last max-sm:basis-full">
        <span className="block foreign">
          {cause.executionId ? (
            <Link
              to="/executions/$id"
              params={{ id: cause.executionId }}
              className="rounded-xs underline underline-offset-2 hover:text-foreground"
            >
              {causeOf(cause)}
            </Link>
          ) : (
            causeOf(cause)
          )}
        </span>
        <span className="block text-sm text-muted-foreground text-pretty foreign">
          <RelativeTime at={at} />
          {reason && ` · ${reason === 'refused' && detail ? detail : t.reasons[reason]}`}
        </span>
      </span>
      <BatchLink batchId={batchId} executions={executions} words={t} />
    </li>
  )
}
