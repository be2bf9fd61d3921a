import { Link } from '@tanstack/react-router'
import type { CostSummary } from '../../contract/costs.ts'
import { formatDateTime, formatMoney } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import type { Opening } from '../ui/opener.tsx'
import { OpenedPopover } from '../ui/popover.tsx'

interface CostFiguresProps {
  readonly opening: Opening
  readonly costs: CostSummary
}

/** What models have cost, today and this month. */
export function CostFigures({ opening, costs }: CostFiguresProps) {
  const t = useMessages('costs')
  const spent = formatMoney(costs.todayNanoUsd)
  return (
    <OpenedPopover opening={opening} align="end" aria-label={t.atHead.title} className="w-64">
      <h2 className="mb-2 font-medium">{t.atHead.title}</h2>
      <dl className="grid grid-cols-2 gap-y-1 tabular-nums">
        <dt className="text-muted-foreground">{t.today}</dt>
        <dd className="text-end">
          {costs.dailyLimitNanoUsd === null
            ? spent
            : t.atHead.spentOf(spent, formatMoney(costs.dailyLimitNanoUsd))}
        </dd>
        <dt className="text-muted-foreground">{t.month}</dt>
        <dd className="text-end">
          {costs.monthlyLimitNanoUsd === null
            ? formatMoney(costs.monthNanoUsd)
            : `${formatMoney(costs.monthNanoUsd)} / ${formatMoney(costs.monthlyLimitNanoUsd)}`}
        </dd>
      </dl>
      {costs.heldMonthNanoUsd > 0 && (
        <p className="mt-3 text-muted-foreground">{t.atHead.held(formatMoney(costs.heldMonthNanoUsd))}</p>
      )}
      {costs.reached && (
        <p className="mt-3 font-medium text-status-missed">
          {t.atHead.paused(
            costs.reached.limit,
            costs.reached.resetsAt && formatDateTime(costs.reached.resetsAt),
          )}
        </p>
      )}
      {(!costs.isAiOn || costs.monthNanoUsd === 0) && (
        <p className="mt-3 text-muted-foreground">{costs.isAiOn ? t.atHead.none : t.atHead.off}</p>
      )}
      <p className="mt-3">
        <Link
          to="/costs"
          onClick={() => opening.onOpenChange(false)}
          className="inline-flex min-h-6 items-center underline underline-offset-4"
        >
          {t.atHead.toPage}
        </Link>
      </p>
    </OpenedPopover>
  )
}
