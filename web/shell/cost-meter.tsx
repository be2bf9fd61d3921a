import { useQuery } from '@tanstack/react-query'
import { clsx } from 'clsx'
import { Coins } from 'lucide-react'
import { summaryQuery } from '../costs/queries.ts'
import { formatMoney } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Opener } from '../ui/opener.tsx'

const loadFigures = async () => (await import('./cost-figures.tsx')).CostFigures

/** What models have cost today, always in sight; opens into the figures behind it. */
export function CostMeter() {
  const t = useMessages('shell')
  const { data: costs } = useQuery(summaryQuery)
  if (!costs) return null
  const spent = formatMoney(costs.todayNanoUsd)
  const limit = costs.dailyLimitNanoUsd === null ? null : formatMoney(costs.dailyLimitNanoUsd)
  return (
    <Opener
      opens="dialog"
      load={loadFigures}
      trigger={(props) => (
        <button
          {...props}
          type="button"
          className="flex h-9 pointer-coarse:h-11 items-center gap-2 whitespace-nowrap rounded-lg px-2 tabular-nums text-muted-foreground hover:bg-muted hover:text-foreground"
        >
          <Coins aria-hidden className={clsx('size-4', costs.reached && 'text-status-missed')} />
          <span className="sr-only">{t.spentToday}</span>
          {spent}
          {limit && <span className="max-sm:sr-only">/ {limit}</span>}
        </button>
      )}
    >
      {(Figures, opening) => <Figures opening={opening} costs={costs} />}
    </Opener>
  )
}
