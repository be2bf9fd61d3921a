import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { CalendarX2 } from 'lucide-react'
import type { ScheduleId } from '../../contract/ids.ts'
import type { Schedule } from '../../contract/schedules.ts'
import { codeOf } from '../lib/api.ts'
import { useBreadcrumb } from '../lib/breadcrumb.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { Loading, Skeleton, SkeletonRows } from '../ui/skeleton.tsx'
import { ScheduleActions } from './actions.tsx'
import { SampleBadge } from '../ui/sample-badge.tsx'
import { ComingRuns } from './coming.tsx'
import { ScheduleHistory } from './history.tsx'
import { StandingBadge } from './occurrence-badge.tsx'
import { comingQuery, scheduleQuery } from './queries.ts'
import { ScheduleSettings } from './settings.tsx'
import { useSentence } from './words.ts'

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
        actions={<ScheduleActions schedule={schedule} />}
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
          <ScheduleHistory schedule={schedule} />
        </div>
        <div className="min-w-0 lg:col-start-2">
          <ScheduleSettings schedule={schedule} />
        </div>
      </div>
    </>
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
