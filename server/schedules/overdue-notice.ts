import type { Events } from '../../contract/events.ts'
import type { NoticeDraft } from '../../contract/notifications.ts'
import type { OccurrenceReason } from '../../contract/schedules.ts'
import { type PhraseId, say } from '../notices/say.ts'

/** A run that did not start when it should have, or waits for too long. */
export type Overdue = Events['schedule.overdue']

const why = {
  'server-off': 'schedule.server-off',
  'too-old': 'schedule.too-old',
  'too-many': 'schedule.too-many',
  overlap: 'schedule.overlap',
} as const satisfies Readonly<Partial<Record<OccurrenceReason, PhraseId>>>

/** In the words of a refusal where there are any, else in ours. */
function reasonOf({ reason, detail }: Pick<Overdue, 'reason' | 'detail'>): NoticeDraft['detail'] {
  if (detail !== null) return detail
  return reason !== null && reason in why ? [say(why[reason as keyof typeof why])] : null
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
  title: say('schedule.not-run', { name: scheduleName, at }),
  detail: reasonOf({ reason, detail }),
  nodeId: null,
  nodeName: null,
  agentId,
  scheduleId,
  page: `/schedules/${scheduleId}`,
})
