import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import type { Budget } from '../../contract/costs.ts'
import type { DiskForecast } from '../../contract/story.ts'
import { repositoriesQuery } from '../backups/queries.ts'
import { byUrgency, proofOf, proofTones } from '../backups/standing.ts'
import { changesQuery } from '../compare/queries.ts'
import { budgetsQuery, summaryQuery } from '../costs/queries.ts'
import { api } from '../lib/api.ts'
import { formatBytes, formatDateTime, formatMoney, formatPercent, formatShortDay } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { query } from '../lib/query.ts'
import { calendarQuery } from '../schedules/queries.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Meter } from '../ui/meter.tsx'
import { SampleBadge } from '../ui/sample-badge.tsx'
import { RelativeTime, useNow } from '../ui/relative-time.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import type { CardName } from './arrangement.ts'
import { Panel } from './panel.tsx'

/** Entries of a card; the page behind its link has the rest. */
const shownOfEach = 5
const dayMs = 86_400_000

/** The cards that come behind the first view. */
export function MoreCard({ name }: { readonly name: Exclude<CardName, 'actions' | 'recent' | 'nodes'> }) {
  switch (name) {
    case 'disks':
      return <Disks />
    case 'changes':
      return <Changes />
    case 'spending':
      return <Spending />
    case 'coming':
      return <Coming />
    case 'proofs':
      return <Proofs />
  }
}

interface AskedFor<Data> {
  readonly data: Data | undefined
  readonly isError: boolean
  readonly error: unknown
  refetch(): unknown
}

/** What was asked for once it is there; until then its place, or why it does not come. */
function Body<Data>({
  asked,
  children,
}: {
  readonly asked: AskedFor<Data>
  readonly children: (data: Data) => ReactNode
}) {
  if (asked.data !== undefined) return children(asked.data)
  if (!asked.isError) return <SkeletonRows rows={4} />
  return (
    <ErrorPanel error={asked.error} isCompact className="m-4 mt-0" onRetry={() => void asked.refetch()} />
  )
}

const Nothing = ({ children }: { readonly children: ReactNode }) => (
  <p className="border-t border-border px-4 py-3 text-muted-foreground text-pretty">{children}</p>
)
const Rows = ({ children }: { readonly children: ReactNode }) => (
  <ul className="divide-y divide-border border-t border-border">{children}</ul>
)
const rowLook =
  'relative flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-4 py-2.5 hover:bg-muted/40'
const linkLook = 'font-medium after:absolute after:inset-0 focus-visible:-outline-offset-2 foreign'

/** File systems that will be full. A forecast is of the last report; an old one may be past, and then the disk is full. */
function Disks() {
  const t = useMessages('home').disks
  const asked = useQuery(
    query(['executions', 'disk-forecasts'], api.forecasts.disks, { query: { limit: shownOfEach } }),
  )
  return (
    <Panel title={t.title} text={t.text}>
      <Body asked={asked}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing>{t.none}</Nothing>
          ) : (
            <Rows>
              {items.map((disk) => (
                <Disk key={`${disk.nodeId} ${disk.mount}`} disk={disk} />
              ))}
            </Rows>
          )
        }
      </Body>
    </Panel>
  )
}

function Disk({
  disk: { nodeId, nodeName, mount, usedPercent, fullAt, confidence },
}: {
  readonly disk: DiskForecast
}) {
  const t = useMessages('home').disks
  const days = (Date.parse(fullAt) - useNow()) / dayMs
  return (
    <li className={rowLook}>
      <span className="min-w-0">
        <Link
          to="/nodes/$id"
          params={{ id: nodeId }}
          search={{ tab: 'story', metric: `disk.used_pct ${mount}` }}
          className={linkLook}
        >
          {t.of(mount, nodeName)}
        </Link>{' '}
        <span className="text-sm text-muted-foreground tabular-nums">
          {t.used(formatPercent(usedPercent))}
        </span>{' '}
        <SampleBadge id={nodeId} />
      </span>
      <span className="flex items-center gap-2">
        <Badge tone={days < 7 ? 'fail' : days < 30 ? 'wait' : 'idle'}>
          {t.fullOn(formatShortDay(new Date(fullAt)))}
        </Badge>
        <span className="text-sm text-muted-foreground">{confidence === 'high' ? t.sure : t.likely}</span>
      </span>
    </li>
  )
}

function Changes() {
  const t = useMessages('home').changes
  const asked = useInfiniteQuery(changesQuery(1, undefined))
  return (
    <Panel title={t.title} actions={<More to="/compare" label={t.all} />}>
      <Body asked={asked}>
        {({ pages }) => {
          const found = pages.flatMap(({ items }) => items)
          if (found.length === 0) return <Nothing>{t.none}</Nothing>
          return (
            <Rows>
              {found.slice(0, shownOfEach).map(({ executionId, nodeId, nodeName, at, changes }) => (
                <li key={executionId} className={rowLook}>
                  <span className="min-w-0 flex-1 basis-56">
                    <Link
                      to="/executions/$id"
                      params={{ id: executionId }}
                      hash="changes"
                      className={`block truncate ${linkLook}`}
                    >
                      {changes[0]?.text}
                    </Link>
                    <span className="text-sm text-muted-foreground foreign">
                      {nodeName}
                      {changes.length > 1 && `, ${t.more(changes.length - 1)}`}
                    </span>{' '}
                    <SampleBadge id={nodeId} />
                  </span>
                  <span className="text-sm text-muted-foreground">
                    <RelativeTime at={at} plain />
                  </span>
                </li>
              ))}
            </Rows>
          )
        }}
      </Body>
    </Panel>
  )
}

function Spending() {
  const t = useMessages('home').spending
  const summary = useQuery(summaryQuery)
  const budgets = useQuery(budgetsQuery)
  return (
    <Panel title={t.title} actions={<More to="/costs" label={t.all} />}>
      <Body asked={summary}>
        {({ todayNanoUsd, monthNanoUsd, dailyLimitNanoUsd, monthlyLimitNanoUsd, isAiOn, reached }) => (
          <div className="grid gap-4 border-t border-border px-4 py-3">
            <Spent label={t.today} spent={todayNanoUsd} limit={dailyLimitNanoUsd} />
            <Spent label={t.month} spent={monthNanoUsd} limit={monthlyLimitNanoUsd} />
            {reached && <p className="text-status-missed">{t.reached}</p>}
            {!isAiOn && <p className="text-sm text-muted-foreground">{t.off}</p>}
            {isAiOn && budgets.data && tightest(budgets.data.items) === null && (
              <p className="text-sm text-muted-foreground">{t.noLimit}</p>
            )}
          </div>
        )}
      </Body>
    </Panel>
  )
}

const tightest = (budgets: readonly Budget[]): Budget | null =>
  budgets.find(({ limitNanoUsd }) => limitNanoUsd !== null) ?? null

function Spent({
  label,
  spent,
  limit,
}: {
  readonly label: string
  readonly spent: number
  readonly limit: number | null
}) {
  const t = useMessages('home').spending
  if (limit === null || limit <= 0) {
    return (
      <p className="flex items-baseline justify-between gap-3">
        <span className="text-muted-foreground">{label}</span>
        <span className="tabular-nums">{formatMoney(spent)}</span>
      </p>
    )
  }
  return (
    <Meter
      label={label}
      percent={Math.min(100, (spent / limit) * 100)}
      figure={t.of(formatMoney(spent), formatMoney(limit))}
    />
  )
}

/** To the minute, or each drawing would ask for another week. */
const thisMinute = () => Math.floor(Date.now() / 60_000) * 60_000
const horizonMs = 7 * dayMs

function Coming() {
  const t = useMessages('home').coming
  const [from] = useState(thisMinute)
  const asked = useQuery(calendarQuery(new Date(from), new Date(from + horizonMs)))
  return (
    <Panel title={t.title} actions={<More to="/schedules/calendar" label={t.all} />}>
      <Body asked={asked}>
        {({ coming, schedules }) => {
          const next = coming
            .filter(({ isBlackedOut }) => !isBlackedOut)
            .toSorted((a, b) => (a.dueAt < b.dueAt ? -1 : 1))
          if (next.length === 0) return <Nothing>{t.none}</Nothing>
          return (
            <Rows>
              {next.slice(0, shownOfEach).map(({ scheduleId, at, dueAt }) => (
                <li key={`${scheduleId} ${at}`} className={rowLook}>
                  <Link to="/schedules/$id" params={{ id: scheduleId }} className={linkLook}>
                    {schedules.find(({ id }) => id === scheduleId)?.name ?? scheduleId}
                  </Link>
                  <span className="text-sm text-muted-foreground">
                    <RelativeTime at={dueAt} plain /> ·{' '}
                    <span className="tabular-nums">{formatDateTime(dueAt)}</span>
                  </span>
                </li>
              ))}
            </Rows>
          )
        }}
      </Body>
    </Panel>
  )
}

function Proofs() {
  const t = useMessages('home').proofs
  const words = useMessages('backups').proofs
  const now = useNow()
  const asked = useQuery(repositoriesQuery)
  return (
    <Panel title={t.title} actions={<More to="/backups" label={t.all} />}>
      <Body asked={asked}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing>{t.none}</Nothing>
          ) : (
            <Rows>
              {items
                .toSorted(byUrgency(now))
                .slice(0, shownOfEach)
                .map((repository) => {
                  const proof = proofOf(repository, now)
                  return (
                    <li key={repository.id} className={rowLook}>
                      <span className="min-w-0 flex-1 basis-48 truncate foreign" title={repository.location}>
                        <Link to="/backups" className={linkLook}>
                          {repository.location}
                        </Link>{' '}
                        <span className="text-sm text-muted-foreground foreign">{repository.nodeName}</span>
                      </span>
                      <span className="flex items-center gap-2 text-sm text-muted-foreground">
                        {repository.proof && (
                          <span>
                            <RelativeTime at={repository.proof.at} plain />,{' '}
                            {formatBytes(repository.proof.bytes)}
                          </span>
                        )}
                        <Badge tone={proofTones[proof]}>{words[proof]}</Badge>
                      </span>
                    </li>
                  )
                })}
            </Rows>
          )
        }
      </Body>
    </Panel>
  )
}

function More({
  to,
  label,
}: {
  readonly to: '/compare' | '/costs' | '/schedules/calendar' | '/backups'
  readonly label: string
}) {
  return (
    <Button size="sm" variant="ghost" asChild>
      <Link to={to}>{label}</Link>
    </Button>
  )
}
