import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { ScheduleId } from '../../contract/ids.ts'
import { api } from '../lib/api.ts'
import { query } from '../lib/query.ts'

export const pageSize = 50

export const schedulesQuery = (search: string | undefined, cursor: string | undefined) =>
  query(['schedules', 'list'], api.schedules.list, {
    query: { limit: pageSize, ...(search && { search }), ...(cursor && { cursor }) },
  })
export const scheduleQuery = (id: ScheduleId) =>
  query(['schedules', 'get'], api.schedules.get, { params: { id } })
export const comingQuery = (id: ScheduleId) =>
  query(['schedules', 'coming'], api.schedules.coming, { params: { id }, query: { limit: 8 } })
export const occurrencesQuery = (id: ScheduleId, cursor: string | undefined) =>
  query(['schedules', 'occurrences'], api.schedules.occurrences, {
    params: { id },
    query: { limit: 20, ...(cursor && { cursor }) },
  })

export const calendarQuery = (from: Date, to: Date) =>
  query(['schedules', 'calendar'], api.schedules.calendar, {
    query: { from: from.toISOString(), to: to.toISOString() },
  })

type Draft = NonNullable<NonNullable<Parameters<typeof api.schedules.conflicts>[0]>['body']>['draft']

/** What is in each other's way; of one that is being made, what that has to do with. */
export const conflictsQuery = (draft: Draft) =>
  queryOptions({
    ...query(['schedules', 'conflicts'], api.schedules.conflicts, { body: { draft: draft ?? null } }),
    placeholderData: keepPreviousData,
  })

type PreviewBody = Parameters<typeof api.schedules.preview>[0]['body']

/** What a schedule would do that is being made; the last answer stays while the next one comes. */
export const previewQuery = (body: PreviewBody) =>
  queryOptions({
    ...query(['schedules', 'preview'], api.schedules.preview, { body }),
    placeholderData: keepPreviousData,
  })
