import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { CalendarDays, ChevronLeft, ChevronRight, List, Plus } from 'lucide-react'
import { useState } from 'react'
import { useCan } from '../account/use-session.ts'
import { useBreadcrumb } from '../lib/breadcrumb.ts'
import { formatHourMinute, formatMonth, formatShortDay, formatWeekday } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { Select } from '../ui/select.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import {
  type CalendarDay,
  type DayEntry,
  daysOf,
  fillDays,
  moved,
  readDay,
  type Span,
  toDayText,
} from './calendar-days.ts'
import { ConflictsCard } from './conflicts.tsx'
import { OccurrenceMark } from './occurrence-badge.tsx'
import { calendarQuery } from './queries.ts'

const route = getRouteApi('/inside/schedules/calendar')

export function CalendarPage() {
  const { day, span = 'month' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <ScheduleCalendar
      day={day}
      span={span}
      onChange={(changed) =>
        void navigate({ search: (before) => ({ ...before, ...changed }), replace: true })
      }
    />
  )
}

export interface ScheduleCalendarProps {
  /** `2026-11-26`; today without one. */
  readonly day: string | undefined
  readonly span: Span
  readonly onChange: (changed: { day?: string | undefined; span?: Span | undefined }) => void
}

/** A week or a month of what ran and will run. */
export function ScheduleCalendar({ day, span, onChange }: ScheduleCalendarProps) {
  const t = useMessages('schedules')
  const mayWrite = useCan('schedule.write')
  useBreadcrumb(t.calendar)
  const [now] = useState(() => new Date())
  const of = readDay(day) ?? now
  const dates = daysOf(span, of)
  const from = dates[0] ?? of
  const last = dates.at(-1) ?? of
  const to = new Date(last.getFullYear(), last.getMonth(), last.getDate() + 1)
  const calendar = useQuery({ ...calendarQuery(from, to), placeholderData: keepPreviousData })
  const days = fillDays(span, of, calendar.data ?? { past: [], coming: [], schedules: [] })
  const isEmpty = calendar.isSuccess && days.every(({ entries }) => entries.length === 0)
  const move = (by: number) => onChange({ day: toDayText(moved(span, of, by)) })
  return (
    <>
      <PageHeader
        title={t.calendar}
        subtitle={t.calendarText}
        actions={
          <Button asChild variant="secondary">
            <Link to="/schedules">
              <List aria-hidden />
              {t.list}
            </Link>
          </Button>
        }
      />
      <ConflictsCard />
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <IconButton variant="secondary" label={t.earlier} icon={ChevronLeft} onClick={() => move(-1)} />
        <IconButton variant="secondary" label={t.later} icon={ChevronRight} onClick={() => move(1)} />
        <Button variant="secondary" onClick={() => onChange({ day: undefined })}>
          {t.today}
        </Button>
        <h2 aria-live="polite" className="mx-1 text-lg font-semibold">
          {span === 'month' ? formatMonth(of) : `${formatShortDay(from)} – ${formatShortDay(last)}`}
        </h2>
        <Select
          aria-label={t.span}
          className="ms-auto w-32"
          value={span}
          onChange={(event) => onChange({ span: event.target.value === 'week' ? 'week' : undefined })}
        >
          <option value="week">{t.spans.week}</option>
          <option value="month">{t.spans.month}</option>
        </Select>
      </div>
      {calendar.isPending ? (
        <Card>
          <SkeletonRows rows={8} />
        </Card>
      ) : calendar.isError && !calendar.data ? (
        <ErrorPanel
          error={calendar.error}
          onRetry={() => void calendar.refetch()}
          isRetrying={calendar.isFetching}
        />
      ) : isEmpty ? (
        <Card>
          <EmptyState
            icon={CalendarDays}
            title={t.nothingInIt}
            text={t.nothingInItText}
            guide="schedules"
            action={
              mayWrite && (
                <Button asChild variant="secondary">
                  <Link to="/schedules/new">
                    <Plus aria-hidden />
                    {t.create}
                  </Link>
                </Button>
              )
            }
          />
        </Card>
      ) : (
        <Grid days={days} span={span} now={now} />
      )}
      {calendar.data?.isCut && <p className="mt-3 text-sm text-muted-foreground">{t.calendarCut}</p>}
    </>
  )
}

/** Monday first. */
const weekdays = [1, 2, 3, 4, 5, 6, 0] as const
/** Lines of a day; the rest is counted. */
const mostLines = { week: 30, month: 4 } as const

function Grid({
  days,
  span,
  now,
}: {
  readonly days: readonly CalendarDay[]
  readonly span: Span
  readonly now: Date
}) {
  const t = useMessages('schedules')
  return (
    <Card aria-label={t.calendar} className="overflow-clip">
      <div
        aria-hidden
        className="hidden grid-cols-7 border-b border-border text-sm text-muted-foreground md:grid"
      >
        {weekdays.map((day) => (
          <span key={day} className="px-2 py-1.5">
            {formatWeekday(day)}
          </span>
        ))}
      </div>
      <ol className="grid md:grid-cols-7">
        {days.map(({ date, isAside, entries }) => (
          <li
            key={date.getTime()}
            className={clsx(
              // On a phone it is a list of the days on which something happens.
              entries.length === 0 && 'max-md:hidden',
              'min-w-0 border-border px-2 py-1.5 max-md:border-t max-md:first:border-t-0 md:border-t md:border-s md:[&:nth-child(-n+7)]:border-t-0 md:[&:nth-child(7n+1)]:border-s-0',
              span === 'week' ? 'md:min-h-96' : 'md:min-h-28',
              isAside && 'bg-muted/50',
            )}
          >
            <p
              className={clsx(
                'mb-1 text-sm tabular-nums',
                isSameDay(date, now) ? 'font-semibold' : 'text-muted-foreground',
              )}
            >
              <span className="sr-only md:hidden">{formatWeekday(date.getDay())} </span>
              <time dateTime={toDayText(date)} aria-label={formatShortDay(date)}>
                <span
                  className={clsx(
                    isSameDay(date, now) &&
                      'inline-grid min-w-6 place-items-center rounded-full bg-foreground px-1.5 text-background',
                  )}
                >
                  <span className="max-md:hidden">{date.getDate()}</span>
                  <span className="md:hidden">{formatShortDay(date)}</span>
                </span>
              </time>
            </p>
            <ul className="space-y-0.5">
              {entries.slice(0, mostLines[span]).map((entry) => (
                <Entry key={entry.scheduleId} entry={entry} />
              ))}
            </ul>
            {entries.length > mostLines[span] && (
              <p className="text-xs text-muted-foreground">{t.moreOfDay(entries.length - mostLines[span])}</p>
            )}
          </li>
        ))}
      </ol>
    </Card>
  )
}

function Entry({ entry: { scheduleId, name, at, count, state } }: { readonly entry: DayEntry }) {
  return (
    <li>
      <Link
        to="/schedules/$id"
        params={{ id: scheduleId }}
        className="flex min-h-6 min-w-0 items-center gap-1.5 rounded-xs text-sm hover:bg-muted max-md:min-h-9"
      >
        <OccurrenceMark state={state} />
        <span className="shrink-0 text-muted-foreground tabular-nums">{formatHourMinute(at)}</span>
        <bdi className="truncate foreign">{name}</bdi>
        {count > 1 && <span className="ms-auto shrink-0 text-xs text-muted-foreground">×{count}</span>}
      </Link>
    </li>
  )
}

const isSameDay = (one: Date, other: Date): boolean => toDayText(one) === toDayText(other)
