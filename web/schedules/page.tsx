import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import {
  CalendarX2,
  CirclePause,
  CirclePlay,
  Download,
  EllipsisVertical,
  Pencil,
  Play,
  Trash2,
} from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { ScheduleId } from '../../contract/ids.ts'
import { type Weekday, weekdayWords } from '../../contract/occurrences.ts'
import type { Schedule, SettledOccurrence } from '../../contract/schedules.ts'
import { useCan } from '../account/use-session.ts'
import { useAgentTitle } from '../executions/list-queries.ts'
import { api, codeOf, downloadUrl } from '../lib/api.ts'
import { useBreadcrumb } from '../lib/breadcrumb.ts'
import { formatWeekday } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { Pagination } from '../ui/pagination.tsx'
import { Loading, Skeleton, SkeletonRows } from '../ui/skeleton.tsx'
import { SampleBadge } from '../ui/sample-badge.tsx'
import { tellFailure, tellSuccess } from '../ui/toaster.tsx'
import { ComingRuns } from './coming.tsx'
import { OccurrenceBadge, StandingBadge } from './occurrence-badge.tsx'
import { weekdaysInOrder } from './form-values.ts'
import { comingQuery, occurrencesQuery, scheduleQuery } from './queries.ts'
import { inZone, useSentence } from './words.ts'

/** One schedule: when it runs next, what became of the runs before, and how it is set. */
export function SchedulePage() {
  const id = useParams({ from: '/inside/schedules/$id' }).id as ScheduleId
  return <ScheduleView id={id} />
}

export function ScheduleView({ id }: { readonly id: ScheduleId }) {
  const schedule = useQuery(scheduleQuery(id))
  const code = codeOf(schedule.error)
  if (code === 'schedule.not_found' || code === 'request.invalid') return <NoSuchSchedule />
  if (schedule.data) return <LoadedSchedule key={id} schedule={schedule.data} />
  if (schedule.isError) {
    return (
      <ErrorPanel
        error={schedule.error}
        isRetrying={schedule.isFetching}
        onRetry={() => void schedule.refetch()}
      />
    )
  }
  return (
    <Loading>
      <Skeleton className="h-7 w-64" />
      <Skeleton className="mt-2 h-4 w-80 max-w-full" />
      <div className="mt-6 rounded-lg border border-border">
        <SkeletonRows rows={6} />
      </div>
    </Loading>
  )
}

function LoadedSchedule({ schedule }: { readonly schedule: Schedule }) {
  const t = useMessages('schedules')
  const sentence = useSentence()
  const coming = useQuery(comingQuery(schedule.id))
  useBreadcrumb(schedule.name)
  return (
    <>
      <PageHeader
        title={schedule.name}
        badge={
          <>
            <StandingBadge standing={schedule.standing} />
            <SampleBadge id={schedule.id} />
          </>
        }
        subtitle={`${sentence(schedule)} · ${schedule.zone}`}
        actions={<Actions schedule={schedule} />}
      />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem] lg:grid-rows-[auto_1fr]">
        <Card aria-label={t.nextRuns} className="lg:col-start-2">
          <CardHeader>
            <CardTitle>{t.nextRuns}</CardTitle>
          </CardHeader>
          <CardContent>
            {coming.data ? (
              <ComingRuns preview={coming.data} zone={schedule.zone} />
            ) : coming.isError ? (
              <ErrorPanel error={coming.error} onRetry={() => void coming.refetch()} isCompact />
            ) : (
              <Skeleton className="h-32 w-full" />
            )}
          </CardContent>
        </Card>
        <div className="min-w-0 lg:col-start-1 lg:row-span-2 lg:row-start-1">
          <History schedule={schedule} />
        </div>
        <div className="min-w-0 lg:col-start-2">
          <Settings schedule={schedule} />
        </div>
      </div>
    </>
  )
}

function Actions({ schedule }: { readonly schedule: Schedule }) {
  const t = useMessages('schedules')
  const mayWrite = useCan('schedule.write', schedule.id)
  const mayRun = useCan('execution.start', schedule.id)
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [isRemoving, setRemoving] = useState(false)
  const { id, name, paused } = schedule
  const pause = useMutation({
    mutationFn: () => api.schedules.change({ params: { id }, body: { paused: !paused } }),
    onSuccess: () => tellSuccess(paused ? t.resumed(name) : t.pausedNow(name)),
    onError: tellFailure,
    onSettled: () => queries.invalidateQueries({ queryKey: ['schedules'] }),
  })
  const run = useMutation({
    mutationFn: () => api.schedules.run({ params: { id } }),
    onSuccess: ({ batchId }) => navigate({ to: '/executions', search: { batch: batchId } }),
    onError: tellFailure,
  })
  return (
    <>
      {mayWrite && (
        <Button variant="secondary" isLoading={pause.isPending} onClick={() => pause.mutate()}>
          {paused ? <CirclePlay aria-hidden /> : <CirclePause aria-hidden />}
          {paused ? t.resume : t.pause}
        </Button>
      )}
      {mayRun && (
        <Button isLoading={run.isPending} onClick={() => run.mutate()}>
          <Play aria-hidden />
          {t.runNow}
        </Button>
      )}
      {mayWrite && (
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <IconButton
              variant="secondary"
              label={t.more}
              icon={EllipsisVertical}
              className="max-sm:flex-none!"
            />
          </DropdownMenuTrigger>
          <DropdownMenuContent>
            <DropdownMenuItem asChild>
              <Link to="/schedules/$id/edit" params={{ id }}>
                <Pencil aria-hidden />
                {t.edit}
              </Link>
            </DropdownMenuItem>
            <DropdownMenuItem asChild>
              <a href={downloadUrl(`/schedules/export?id=${id}`)} download>
                <Download aria-hidden />
                {t.export}
              </a>
            </DropdownMenuItem>
            <DropdownMenuSeparator />
            <DropdownMenuItem danger onSelect={() => setRemoving(true)}>
              <Trash2 aria-hidden />
              {t.remove}
            </DropdownMenuItem>
          </DropdownMenuContent>
        </DropdownMenu>
      )}
      <RemoveDialog schedule={schedule} open={isRemoving} onOpenChange={setRemoving} />
    </>
  )
}

function RemoveDialog({
  schedule: { id, name },
  open,
  onOpenChange,
}: {
  readonly schedule: Schedule
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
}) {
  const t = useMessages('schedules')
  const queries = useQueryClient()
  const navigate = useNavigate()
  const remove = useMutation({
    mutationFn: () => api.schedules.remove({ params: { id } }),
    onSuccess: async () => {
      tellSuccess(t.removed(name))
      // Left first, so that the page does not ask for what is gone.
      await navigate({ to: '/schedules' })
      queries.removeQueries({ queryKey: ['schedules', 'get', { params: { id } }] })
      await queries.invalidateQueries({ queryKey: ['schedules'] })
    },
  })
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(isOpen) => {
        remove.reset()
        onOpenChange(isOpen)
      }}
      title={t.removeTitle(name)}
      description={t.removeText}
      confirmLabel={t.remove}
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
    />
  )
}

/** What became of the runs before, newest first. */
function History({ schedule }: { readonly schedule: Schedule }) {
  const t = useMessages('schedules')
  const [cursor, setCursor] = useState<string | undefined>()
  const list = useQuery(occurrencesQuery(schedule.id, cursor))
  const items = list.data?.items ?? []
  return (
    <Card aria-label={t.history}>
      <CardHeader>
        <CardTitle>{t.history}</CardTitle>
      </CardHeader>
      {list.isPending ? (
        <SkeletonRows rows={5} />
      ) : list.isError ? (
        <CardContent>
          <ErrorPanel error={list.error} onRetry={() => void list.refetch()} isCompact />
        </CardContent>
      ) : items.length === 0 ? (
        <EmptyState icon={CalendarX2} title={t.noHistory} text={t.noHistoryText} />
      ) : (
        <ul className="divide-y divide-border border-t border-border">
          {items.map((occurrence) => (
            <PastRun key={occurrence.at} occurrence={occurrence} zone={schedule.zone} />
          ))}
        </ul>
      )}
      <Pagination
        onNewer={cursor ? () => setCursor(undefined) : undefined}
        onOlder={list.data?.nextCursor ? () => setCursor(list.data?.nextCursor ?? undefined) : undefined}
        isLoading={list.isFetching}
      />
    </Card>
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
      {batchId && executions.total > 0 && (
        <Link
          to="/executions"
          search={{ batch: batchId }}
          className="rounded-xs text-sm underline underline-offset-2 hover:text-foreground max-sm:ml-auto"
        >
          {executions.active > 0
            ? t.executionsRun(executions.active)
            : t.executionsDone(executions.succeeded, executions.total)}
        </Link>
      )}
    </li>
  )
}

/** How it is set, in words. */
function Settings({ schedule }: { readonly schedule: Schedule }) {
  const t = useMessages('schedules')
  const titleOf = useAgentTitle()
  const { agentId, targets, options, dryRun, catchUp, overlap, jitterS, blackouts, timing } = schedule
  const { notifications, createdBy } = schedule
  return (
    <Card aria-label={t.settings}>
      <CardHeader>
        <CardTitle>{t.settings}</CardTitle>
      </CardHeader>
      <CardContent>
        <dl className="grid gap-2 text-sm">
          <Item label={t.agent}>
            <Link to="/agents/$id" params={{ id: agentId }} className="underline underline-offset-2">
              {titleOf(agentId)}
            </Link>
            {dryRun && ` (${t.dryRun})`}
          </Item>
          <Item label={t.nodes}>
            <span className="foreign">{targets.join(', ')}</span>
          </Item>
          {Object.keys(options).length > 0 && (
            <Item label={t.options}>
              <code className="block text-xs break-words whitespace-pre-wrap foreign">
                {Object.entries(options)
                  .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
                  .join('\n')}
              </code>
            </Item>
          )}
          {timing.kind === 'cron' && (
            <Item label={t.cron}>
              <code>{timing.cron}</code>
            </Item>
          )}
          <Item label={t.catchUp}>{t.catchUps[catchUp.policy][0]}</Item>
          <Item label={t.overlap}>{t.overlaps[overlap][0]}</Item>
          {jitterS > 0 && <Item label={t.jitter}>{t.jitterUpTo(Math.round(jitterS / 60))}</Item>}
          {blackouts.length > 0 && (
            <Item label={t.blackout}>
              {blackouts
                .map(({ days, from, to }) =>
                  [...weekdaysInOrder.filter((day) => days.includes(day)).map(dayName), `${from}–${to}`].join(
                    ' ',
                  ),
                )
                .join(', ')}
            </Item>
          )}
          {notifications && (
            <Item label={t.notifications}>
              <span className="foreign">{Object.keys(notifications).join(', ')}</span>
            </Item>
          )}
          <Item label={t.createdBy}>
            <span className="foreign">{createdBy}</span>
          </Item>
        </dl>
      </CardContent>
    </Card>
  )
}

const dayName = (day: Weekday): string => formatWeekday(weekdayWords.indexOf(day))

function Item({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="grid grid-cols-[8rem_minmax(0,1fr)] gap-2">
      <dt className="text-muted-foreground">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  )
}

function NoSuchSchedule() {
  const t = useMessages('schedules')
  return (
    <EmptyState
      icon={CalendarX2}
      title={t.notFound}
      text={t.notFoundText}
      action={
        <Button asChild variant="secondary">
          <Link to="/schedules">{t.toList}</Link>
        </Button>
      }
    />
  )
}
