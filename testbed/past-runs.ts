import type { AgentMessage } from '../contract/agent-protocol.ts'
import { type AgentId, agentId, type ExecutionId, type NodeId } from '../contract/ids.ts'
import { createIds } from '../server/lib/id.ts'
import { createNotices } from '../server/notices/notices.ts'
import { collect } from '../server/reports/collected.ts'
import { createReports } from '../server/reports/reports.ts'
import type { NodeFloor } from './node-floor.ts'

interface PastRun {
  readonly agentId?: AgentId
  readonly facts?: Record<string, unknown>
  readonly findings?: readonly Partial<Extract<AgentMessage, { kind: 'finding' }>['finding']>[]
}

/** Runs that ended before a test begins, with the reports that the real house makes of them, a minute apart. */
export function createPastRuns({ db, clock, events, audit }: NodeFloor) {
  const newId = createIds(clock)
  const notices = createNotices({ clock, newId, events })
  const reports = createReports({ db, clock, events, audit, notices })

  return async function addRun(nodeId: NodeId, given: PastRun = {}): Promise<ExecutionId> {
    const id = newId('exe')
    const agent = given.agentId ?? agentId.parse('system-health')
    const at = clock.now().toISOString()
    const collected = collect(messagesOf(given))
    await db.write(async (tx) => {
      await tx
        .insertInto('execution')
        .values({
          id,
          batch_id: null,
          agent_id: agent,
          agent_version: '1.0.0',
          bundle_sha256: '',
          node_id: nodeId,
          state: 'succeeded',
          active: 0,
          approval_id: null,
          dry_run: 0,
          options: '{}',
          timeout_s: 60,
          started_by: 'user:anna',
          queued_at: at,
          not_before: null,
          waiting_for: null,
          started_at: at,
          finished_at: at,
          outcome: null,
          log_lines: 0,
          verdict: 'All is well.',
          finding_counts: null,
          cancel_requested_by: null,
          reattach: null,
        })
        .execute()
      await reports.store(tx, {
        execution: { id, nodeId, agentId: agent, agentVersion: '1.0.0' },
        nodeName: '',
        durationMs: 1_000,
        collected,
      })
    })
    await clock.advance(60_000)
    return id
  }
}

const messagesOf = ({ facts = {}, findings = [] }: PastRun): AgentMessage[] => [
  { kind: 'progress', step: 'disks', state: 'ok' },
  ...findings.map(
    (finding): AgentMessage => ({
      kind: 'finding',
      finding: {
        id: 'disk.full',
        severity: 'high',
        subject: '/srv',
        key: 'disk.full:/srv',
        title: '/srv is 93 % full',
        evidence: {},
        fix: 'Look with du.',
        confidence: 'certain',
        ...finding,
      },
    }),
  ),
  { kind: 'data', schema: 'system-health/1', data: facts },
  { kind: 'result', status: 'ok', reason: null, gaps: [], dropped: {}, ms: 1, maxRssKib: 1 },
]
