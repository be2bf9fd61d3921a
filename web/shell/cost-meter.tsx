import { useQuery } from '@tanstack/react-query'
import { Coins } from 'lucide-react'
import { api } from '../lib/api.ts'
import { formatMoney } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { query } from '../lib/query.ts'
import { Popover, PopoverContent, PopoverTrigger } from '../ui/popover.tsx'

/** What models have cost today, always in sight; opens into the figures behind it. */
export function CostMeter() {
  const t = useMessages('shell')
  const { data: costs } = useQuery(query(['costs', 'summary'], api.costs.summary, {}))
  if (!costs) return null
  const spent = formatMoney(costs.todayNanoUsd)
  const limit = costs.dailyLimitNanoUsd === null ? null : formatMoney(costs.dailyLimitNanoUsd)
  return (
    <Popover>
      <PopoverTrigger className="flex h-9 items-center gap-2 rounded-lg px-2 tabular-nums text-muted-foreground hover:bg-muted hover:text-foreground">
        <Coins aria-hidden className="size-4" />
        <span className="sr-only">{t.spentToday}</span>
        {limit ? `${spent} / ${limit}` : spent}
      </PopoverTrigger>
      <PopoverContent align="end" className="w-64">
        <h2 className="mb-2 font-medium">{t.costTitle}</h2>
        <dl className="grid grid-cols-2 gap-y-1 tabular-nums">
          <dt className="text-muted-foreground">{t.costToday}</dt>
          <dd className="text-right">{limit ? t.spentOf(spent, limit) : spent}</dd>
          <dt className="text-muted-foreground">{t.costMonth}</dt>
          <dd className="text-right">{formatMoney(costs.monthNanoUsd)}</dd>
        </dl>
        {costs.monthNanoUsd === 0 && <p className="mt-3 text-muted-foreground">{t.costNone}</p>}
      </PopoverContent>
    </Popover>
  )
}
