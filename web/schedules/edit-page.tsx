import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate, useParams } from '@tanstack/react-router'
import type { ScheduleId } from '../../contract/ids.ts'
import type { Schedule } from '../../contract/schedules.ts'
import { useBreadcrumb } from '../lib/breadcrumb.ts'
import { useMessages } from '../lib/messages.ts'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { tellSuccess } from '../ui/toaster.tsx'
import { ForWriters } from './for-writers.tsx'
import { ScheduleForm } from './form.tsx'
import { scheduleQuery } from './queries.ts'
import { templates } from './templates.tsx'

const newRoute = getRouteApi('/inside/schedules/new')

/** A new schedule, from nothing or from a template. */
export const NewSchedulePage = () => (
  <ForWriters>
    <NewSchedule />
  </ForWriters>
)

function NewSchedule() {
  const t = useMessages('schedules')
  const { template } = newRoute.useSearch()
  const navigate = useNavigate()
  useBreadcrumb(t.create)
  const found = templates.find(({ key }) => key === template)
  const initial: Partial<Schedule> = found
    ? {
        name: t.templates[found.key],
        agentId: found.agentId,
        targets: [...found.targets],
        timing: { kind: 'cron', cron: found.cron },
      }
    : {}
  return (
    <>
      <PageHeader title={t.create} subtitle={t.createText} />
      <ScheduleForm
        initial={initial}
        onSaved={({ id, name }) => {
          tellSuccess(t.created(name))
          void navigate({ to: '/schedules/$id', params: { id } })
        }}
        onCancel={() => void navigate({ to: '/schedules' })}
      />
    </>
  )
}

/** Changes a schedule. */
export function EditSchedulePage() {
  const id = useParams({ from: '/inside/schedules/$id/edit' }).id as ScheduleId
  return (
    <ForWriters id={id}>
      <EditSchedule id={id} />
    </ForWriters>
  )
}

function EditSchedule({ id }: { readonly id: ScheduleId }) {
  const t = useMessages('schedules')
  const navigate = useNavigate()
  const schedule = useQuery(scheduleQuery(id))
  useBreadcrumb(schedule.data?.name ?? '')
  const toDetail = () => void navigate({ to: '/schedules/$id', params: { id } })
  if (schedule.isError && !schedule.data) {
    return <ErrorPanel error={schedule.error} onRetry={() => void schedule.refetch()} />
  }
  if (!schedule.data) return <SkeletonRows rows={8} />
  return (
    <>
      <PageHeader title={t.editTitle(schedule.data.name)} />
      <ScheduleForm
        // What somebody else changes meanwhile does not take away what was typed.
        key={id}
        schedule={schedule.data}
        onSaved={({ name }) => {
          tellSuccess(t.saved(name))
          toDetail()
        }}
        onCancel={toDetail}
      />
    </>
  )
}
