import { useQuery } from '@tanstack/react-query'
import { formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { planCountQuery } from '../plans/queries.ts'
import type { Place } from './places.ts'

/** How many plans wait, on the place where they are decided. */
export function WaitingCount({ place }: { readonly place: Place['name'] }) {
  return place === 'approvals' ? <Count /> : null
}

function Count() {
  const t = useMessages('shell')
  const waiting = useQuery(planCountQuery).data?.plans ?? 0
  if (waiting === 0) return null
  return (
    <span className="absolute top-0.5 start-4.5 min-w-4 rounded-full bg-status-wait px-1 text-center text-[0.625rem] leading-4 font-semibold text-primary-foreground tabular-nums">
      <span aria-hidden>{waiting > 99 ? '99+' : formatNumber(waiting)}</span>
      <span className="sr-only">{t.waitingApprovals(waiting)}</span>
    </span>
  )
}
