import type { Outcome } from '../../contract/executions.ts'
import type { NoticeDraft } from '../../contract/notifications.ts'
import { say } from '../notices/say.ts'
import type { StoredExecution } from './store.ts'

const about = ({ id, nodeId, nodeName, agentId }: StoredExecution) => ({
  key: `run/${id}`,
  nodeId,
  nodeName,
  agentId,
  executionId: id,
  page: `/executions/${id}`,
})

export const startedNotice = (execution: StoredExecution): NoticeDraft => ({
  ...about(execution),
  kind: 'run.started',
  severity: 'info',
  title: execution.agentId,
  detail: null,
})

/** What people may have to hear of how an execution ended. What somebody cancelled, they know. */
export function endedNotice(
  execution: StoredExecution,
  { kind, problem }: Outcome,
  verdict: string | null,
): NoticeDraft | null {
  const { agentId } = execution
  if (kind === 'cancelled') return null
  if (kind === 'succeeded') {
    return { ...about(execution), kind: 'run.succeeded', severity: 'info', title: agentId, detail: verdict }
  }
  return {
    ...about(execution),
    kind: 'run.failed',
    severity: 'high',
    title: problem ? `${agentId}: ${problem.title}` : say('run.ended', { agent: agentId, kind }),
    detail: problem && `${problem.detail}\n${problem.fix}`,
  }
}
