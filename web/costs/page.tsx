import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { CircleAlert, Download } from 'lucide-react'
import type { CostSummary } from '../../contract/costs.ts'
import { downloadUrl } from '../lib/api.ts'
import { formatDay, formatMoney, formatRelative } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { Select } from '../ui/select.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { TabPanel, Tabs } from '../ui/tabs.tsx'
import { LimitsTab } from './limits.tsx'
import { PlanTab } from './plan.tsx'
import { PricesTab } from './prices.tsx'
import { spendingQuery, summaryQuery } from './queries.ts'
import { SpendingTab } from './spending.tsx'

const route = getRouteApi('/inside/costs')

export function CostsPage() {
  const { tab = 'spending', days = '30' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <CostsView
      tab={tab}
      days={days}
      onChange={(changed) =>
        void navigate({ search: (before) => ({ ...before, ...changed }), replace: true })
      }
    />
  )
}

const tabs = ['spending', 'limits', 'plan', 'prices'] as const
const ranges = ['7', '30', '90'] as const

export interface CostsViewProps {
  readonly tab: (typeof tabs)[number]
  readonly days: (typeof ranges)[number]
  readonly onChange: (changed: { tab?: (typeof tabs)[number]; days?: (typeof ranges)[number] }) => void
}

/** Everything about money. */
export function CostsView({ tab, days, onChange }: CostsViewProps) {
  const t = useMessages('costs')
  return (
    <>
      <PageHeader
        title={t.title}
        subtitle={t.subtitle}
        actions={
          <>
            <Select
              aria-label={t.range}
              value={days}
              className="sm:w-40"
              onChange={(event) => onChange({ days: event.target.value as (typeof ranges)[number] })}
            >
              {ranges.map((range) => (
                <option key={range} value={range}>
                  {t.ranges[range]}
                </option>
              ))}
            </Select>
            <Button variant="secondary" asChild>
              <a href={downloadUrl(`/costs/export?days=${days}`)} download>
                <Download aria-hidden />
                {t.csv}
              </a>
            </Button>
          </>
        }
      />
      <Standing days={Number(days)} />
      <Tabs
        label={t.tabs}
        className="mt-5"
        value={tab}
        onChange={(key) => onChange({ tab: key })}
        tabs={tabs.map((key) => ({ key, label: t.tab[key] }))}
      >
        <TabPanel tab="spending">
          <SpendingTab days={Number(days)} />
        </TabPanel>
        <TabPanel tab="limits">
          <LimitsTab />
        </TabPanel>
        <TabPanel tab="plan">
          <PlanTab />
        </TabPanel>
        <TabPanel tab="prices">
          <PricesTab />
        </TabPanel>
      </Tabs>
    </>
  )
}

/** Today, this month, and what it will come to. */
function Standing({ days }: { readonly days: number }) {
  const t = useMessages('costs')
  const summary = useQuery(summaryQuery)
  const forecast = useQuery(spendingQuery(days)).data?.forecast
  if (summary.isPending) {
    return (
      <Card>
        <SkeletonRows rows={2} />
      </Card>
    )
  }
  if (summary.isError) {
    return (
      <ErrorPanel
        error={summary.error}
        onRetry={() => void summary.refetch()}
        isRetrying={summary.isFetching}
      />
    )
  }
  const costs = summary.data
  const limitText = (limit: number | null) => (limit === null ? t.noLimit : t.of(formatMoney(limit)))
  const heldText = (held: number) => (held > 0 ? ` · ${t.held(formatMoney(held))}` : '')
  return (
    <>
      <Notices costs={costs} />
      <dl className="grid gap-4 sm:grid-cols-3">
        <Figure
          name={t.today}
          value={formatMoney(costs.todayNanoUsd)}
          text={limitText(costs.dailyLimitNanoUsd) + heldText(costs.heldTodayNanoUsd)}
        />
        <Figure
          name={t.month}
          value={formatMoney(costs.monthNanoUsd)}
          text={limitText(costs.monthlyLimitNanoUsd) + heldText(costs.heldMonthNanoUsd)}
        />
        <Figure
          name={t.forecast}
          value={forecast ? formatMoney(forecast.likelyNanoUsd) : '–'}
          text={
            forecast
              ? t.between(formatMoney(forecast.leastNanoUsd), formatMoney(forecast.mostNanoUsd))
              : t.tooEarly
          }
        />
      </dl>
    </>
  )
}

function Figure({
  name,
  value,
  text,
}: {
  readonly name: string
  readonly value: string
  readonly text: string
}) {
  return (
    <div className="min-w-0 rounded-lg border border-border bg-card px-4 py-3">
      <dt className="text-sm text-muted-foreground">{name}</dt>
      <dd>
        <span className="block text-xl font-semibold tabular-nums">{value}</span>
        <span className="text-sm text-muted-foreground">{text}</span>
      </dd>
    </div>
  )
}

function Notices({ costs }: { readonly costs: CostSummary }) {
  const t = useMessages('costs')
  const { reached, isAiOn, prices } = costs
  const notices = [
    ...(reached ? [t.paused(reached.resetsAt && formatRelative(reached.resetsAt))] : []),
    ...(prices.areOld ? [t.pricesOld(formatDay(prices.asOf))] : []),
    ...(isAiOn ? [] : [t.aiOff]),
  ]
  return notices.map((notice) => (
    <p
      key={notice}
      className="mb-4 flex gap-2 rounded-lg border border-border bg-card px-4 py-2.5 text-pretty"
    >
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-muted-foreground" />
      {notice}
    </p>
  ))
}
