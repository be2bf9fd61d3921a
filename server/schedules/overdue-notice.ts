import type { Events } from '../../contract/events.ts'
import type { NoticeDraft } from '../../contract/notifications.ts'
import type { OccurrenceReason } from '../../contract/schedules.ts'

/** A run that did not start when it should have, or waits for too long. */
export type Overdue = Events['schedule.overdue']

const why: Readonly<Partial<Record<OccurrenceReason, string>>> = {
  'server-off': 'The server was off at that time.',
  'too-old': 'The server was off, and it is too long ago to make up for.',
  'too-many': 'More runs were missed than are made up for.',
  overlap: 'It waits for the run before, which has not ended.',
}

/** What people hear of it. Of one schedule they hear once in a while, however many runs it misses. */
export const overdueNotice = ({
  scheduleId,
  scheduleName,
  agentId,
  at,
  reason,
  detail,
}: Overdue): NoticeDraft => ({
  kind: 'schedule.overdue',
  severity: 'high',
  key: `schedule/${scheduleId}`,
  title: `${scheduleName} did not run at ${at}`,
  detail: detail ?? (reason && why[reason]) ?? null,
  nodeId: null,
  nodeName: null,
  agentId,
  scheduleId,
  page: `/schedules/${scheduleId}`,
})
