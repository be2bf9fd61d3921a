import type { AgentId, ApprovalId, ExecutionId, NodeId, PlanId } from '../../contract/ids.ts'
import type { PageQuery } from '../../contract/page.ts'
import type { ObjectEvent, Plan } from '../../contract/plans.ts'
import { isSampleId } from '../../contract/sample-ids.ts'
import type { Catalogue } from '../agents/catalogue.ts'
import type { Executions } from '../executions/executions.ts'
import type { Clock } from '../lib/clock.ts'
import { fail, isAppError } from '../lib/errors.ts'
import type { Nodes } from '../nodes/nodes.ts'
import type { Plans, StoredPlan } from '../plans/plans.ts'
import type { Reports } from '../reports/reports.ts'
import { whyClosed } from './decide.ts'
import { presentPlan } from './present.ts'

interface InboxTools {
  readonly plans: Plans
  readonly executions: Executions
  readonly nodes: Nodes
  readonly catalogue: Catalogue
  readonly reports: Pick<Reports, 'beginnings'>
  readonly clock: Clock
}

/** Plans as people see them: what waits, what was decided, and the history of single things. */
export function createInbox({ plans, executions, nodes, catalogue, reports, clock }: InboxTools) {
  const now = () => clock.now().toISOString()

  async function list(
    query: PageQuery & { waiting: boolean; nodeId?: NodeId | undefined; agentId?: AgentId | undefined },
  ) {
    const { cursor, limit, waiting, ...filters } = query
    const waitingAt = waiting ? now() : null
    const rows = await plans.page({ ...filters, before: cursor ?? null, limit: limit + 1, waitingAt })
    const items = await present(rows.slice(0, limit))
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
  }

  const count = () => plans.count(now())

  /** Throws `plan.not_found`. */
  async function get(id: PlanId): Promise<Plan> {
    const [plan] = await present([await stored(id)])
    return plan as Plan
  }

  /** The plan that an execution proposed, or the one of which it makes changes. */
  async function ofExecution(id: ExecutionId): Promise<{ plan: Plan | null; approvalId: ApprovalId | null }> {
    const { approvalId } = await executions.get(id)
    const approval = approvalId && (await plans.approval(approvalId))
    const plan = approval
      ? approval.planId && (await plans.plan(approval.planId))
      : await plans.planOfExecution(id)
    const [shown] = plan ? await present([plan]) : []
    return { plan: shown ?? null, approvalId }
  }

  /** What was found, proposed, decided, done and restored about one object of a node, newest first. */
  async function objectHistory(nodeId: NodeId, object: string): Promise<ObjectEvent[]> {
    await nodes.stored(nodeId)
    const found = await plans.actionsOn(nodeId, object)
    const isExpired = (expiresAt: string) => expiresAt <= now()
    const happened = found.flatMap(({ action, createdAt, executionId, expiresAt }): ObjectEvent[] => {
      const { title, planId, decidedBy, decidedAt, outcome, state, rejection } = action
      const told = { title, planId, by: null, outcome: null, executionId }
      const events: ObjectEvent[] =
        state === 'held'
          ? [{ ...told, at: createdAt, kind: 'held', by: rejection?.by ?? null }]
          : [{ ...told, at: createdAt, kind: 'proposed' }]
      if (decidedAt && state !== 'superseded')
        events.push({
          ...told,
          at: decidedAt,
          kind: state === 'rejected' ? 'rejected' : 'approved',
          by: decidedBy,
        })
      if (decidedAt && state === 'superseded') events.push({ ...told, at: decidedAt, kind: 'superseded' })
      if (outcome) events.push({ ...told, at: outcome.at, kind: 'outcome', outcome })
      if (state === 'waiting' && isExpired(expiresAt))
        events.push({ ...told, at: expiresAt, kind: 'expired' })
      return events
    })
    const restored = await plans.restoresOf(nodeId, object)
    const cameBack = restored.map(({ approved_at, approved_by, execution_id, title }): ObjectEvent => {
      const told = { at: approved_at, by: approved_by, executionId: execution_id, title }
      return { ...told, kind: 'restored', outcome: null, planId: null }
    })
    return [...(await foundFirst(nodeId, found)), ...happened, ...cameBack].toSorted((a, b) =>
      a.at === b.at ? steps.indexOf(b.kind) - steps.indexOf(a.kind) : a.at < b.at ? 1 : -1,
    )
  }

  /** When the findings began that led to what was proposed. */
  async function foundFirst(
    nodeId: NodeId,
    proposed: readonly { action: { findingKey: string | null }; agentId: AgentId }[],
  ): Promise<ObjectEvent[]> {
    const [first] = proposed
    if (!first) return []
    const keys = [...new Set(proposed.flatMap(({ action }) => action.findingKey ?? []))]
    const found = await reports.beginnings({ nodeId, agentId: first.agentId }, keys)
    const told = { kind: 'found' as const, by: null, outcome: null, executionId: null, planId: null }
    return found.map(({ title, firstSeenAt }) => ({ ...told, at: firstSeenAt, title }))
  }

  /** Throws `plan.not_found`. */
  async function stored(id: PlanId): Promise<StoredPlan> {
    const plan = await plans.plan(id)
    if (!plan) throw fail('plan.not_found')
    return plan
  }

  /** Throws `plan.superseded` and `plan.expired` for what cannot be decided any more. */
  async function checkOpen(plan: StoredPlan): Promise<void> {
    const closed = whyClosed(plan, await surroundings(plan))
    if (closed) throw fail(closed.code, { detail: closed.detail })
  }

  async function surroundings({ agentId, nodeId }: StoredPlan) {
    const { hostKeys } = await nodes.get(nodeId)
    return {
      at: now(),
      bundleSha256: bundleOf(agentId),
      hostKeys: hostKeys.map(({ fingerprint }) => fingerprint),
    }
  }

  function bundleOf(agentId: AgentId): string | null {
    try {
      return catalogue.get(agentId).payload.sha256
    } catch (error) {
      if (isAppError(error)) return null
      throw error
    }
  }

  async function present(rows: readonly StoredPlan[]): Promise<Plan[]> {
    const ids = rows.map(({ id }) => id)
    const actions = Map.groupBy(await plans.actions(ids), ({ planId }) => planId)
    const approvals = Map.groupBy(await plans.approvalsOf(ids), ({ planId }) => planId)
    return Promise.all(
      rows.map(async (plan) =>
        presentPlan(plan, {
          agentTitle: titleOf(plan.agentId),
          // What would run is nobody's: it stays open to be read.
          closed: isSampleId(plan.id) ? null : (whyClosed(plan, await surroundings(plan))?.detail ?? null),
          isExpired: plan.expiresAt <= now(),
          actions: actions.get(plan.id) ?? [],
          approvals: approvals.get(plan.id) ?? [],
        }),
      ),
    )
  }

  function titleOf(agentId: AgentId): string {
    try {
      return catalogue.get(agentId).manifest.title
    } catch (error) {
      if (isAppError(error)) return agentId
      throw error
    }
  }

  return { list, count, get, ofExecution, objectHistory, stored, checkOpen }
}
/** The order of steps that happened in the same moment. */
const steps: readonly ObjectEvent['kind'][] = [
  'found',
  'proposed',
  'held',
  'rejected',
  'approved',
  'outcome',
  'restored',
  'superseded',
  'expired',
]

export type Inbox = ReturnType<typeof createInbox>
