import type { Problem } from '../../contract/errors.ts'
import type { NoticeDraft } from '../../contract/notifications.ts'
import type { FiringCause } from '../../contract/triggers.ts'
import { say } from '../notices/say.ts'
import type { StoredTrigger } from './store.ts'

/**
 * What people hear when something happened that a trigger waits for, and what it starts was refused: its agent is gone, a
 * node does not let it in, nothing is left to run on. That mends nobody but a person. What the trigger itself holds back,
 * by its pause, its cool-down or against loops, is as it should be, and only stands in its history. Of one trigger they
 * hear once in a while, however often it is refused.
 */
export const refusedNotice = (
  { id, name, spec }: Pick<StoredTrigger, 'id' | 'name' | 'spec'>,
  { nodeId, nodeName }: Pick<FiringCause, 'nodeId' | 'nodeName'>,
  { detail, fix }: Pick<Problem, 'detail' | 'fix'>,
): NoticeDraft => ({
  kind: 'trigger.refused',
  severity: 'high',
  key: `trigger/${id}`,
  title: say('trigger.refused', { name }),
  detail: `${detail}\n${fix}`,
  nodeId,
  nodeName,
  agentId: spec.agentId,
  page: `/schedules/triggers/${id}`,
})
