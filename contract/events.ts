import type {
  AgentId,
  BatchId,
  CredentialId,
  ExecutionId,
  NodeId,
  PlanId,
  ScheduleId,
  TriggerId,
  SessionId,
  UserId,
} from './ids.ts'
import type { LimitKind } from './costs.ts'
import type { ExecutionState, FinalState } from './executions.ts'
import type { NanoUsd } from './money.ts'
import type { OccurrenceReason } from './schedules.ts'

/**
 * Everything that can happen, and what is told about it. Features emit; whoever cares listens, wired in one place.
 * Events are hints that make things sooner: the database and the logs stay the truth.
 */
export interface Events {
  /** An execution moved to another state, or what it waits for changed. */
  'execution.changed': { executionId: ExecutionId; nodeId: NodeId; agentId: AgentId; state: ExecutionState }
  /** An execution ended; its report, if it has one, is stored already. */
  'execution.finished': { executionId: ExecutionId; nodeId: NodeId; agentId: AgentId; outcome: FinalState }
  /** Entries up to `lastSeq` are in the log. */
  'execution.logged': { executionId: ExecutionId; lastSeq: number }
  'batch.started': { batchId: BatchId; executionIds: ExecutionId[] }
  /** A node was added, changed, tested, or its health changed. */
  'node.changed': { nodeId: NodeId }
  'node.removed': { nodeId: NodeId }
  /** The secret of a credential was replaced. */
  'credential.replaced': { credentialId: CredentialId }
  /** An agent proposed changes that wait for a decision. */
  'plan.proposed': { planId: PlanId; nodeId: NodeId; agentId: AgentId; actions: number }
  /** Something was decided about the changes of a node, or they were made. */
  'plans.changed': { nodeId: NodeId }
  /** The findings of a node changed. */
  'findings.changed': { nodeId: NodeId }
  'settings.changed': Record<string, never>
  /** Who is asked, how, or by which key was changed. */
  'ai.changed': Record<string, never>
  /** What models have cost, a limit or a price changed. */
  'costs.changed': Record<string, never>
  /** A share of a limit is used: 50, 80 or 100 per cent. Told once in each of its periods. */
  'budget.reached': {
    limit: LimitKind
    agentId: AgentId | null
    percent: number
    limitNanoUsd: NanoUsd
    resetsAt: string
  }
  /** Something was written down that people may have to hear of; it counts once its transaction is durable. */
  'notice.written': Record<string, never>
  /** Something was written down that triggers may wait for; it counts once its transaction is durable. */
  'occasion.written': Record<string, never>
  /** A trigger was made, changed or removed, or something came of what it waits for. */
  'trigger.changed': { triggerId: TriggerId }
  /** A schedule was made, changed or removed, or one of its occurrences was settled. */
  'schedule.changed': { scheduleId: ScheduleId }
  /** A run that a schedule was to start did not start, or waits for longer than it should. Told once for each. */
  'schedule.overdue': {
    scheduleId: ScheduleId
    scheduleName: string
    agentId: AgentId
    at: string
    reason: OccurrenceReason | null
    detail: string | null
  }
  /** A session ended; its sockets must close. All sessions of the user where `sessionId` is null. */
  'session.ended': { userId: UserId; sessionId: SessionId | null }
}

export type EventName = keyof Events
