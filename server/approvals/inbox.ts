import type { AgentId, ApprovalId, ExecutionId, NodeId, PlanId } from '../../contract/ids.ts'
import type { PageQuery } from '../../contract/page.ts'
import type { ObjectEvent, Plan } from '../../contract/plans.ts'
import type { Catalogue } from '../agents/catalogue.ts'
import type { Executions } from '../executions/executions.ts'
import type { Clock } from '../lib/clock.ts'
import { fail, isAppError } from '../lib/errors.ts'
import type { Nodes } from '../nodes/nodes.ts'
import type { Plans, StoredPlan } from '../plans/plans.ts'
import { whyClosed } from './decide.ts'
import { presentPlan } from './present.ts'

interface InboxTools {
  readonly plans: Plans
  readonly executions: Executions
  readonly nodes: Nodes
  readonly catalogue: Catalogue
  readonly clock: Clock
}

/** Plans as people see them: what waits, what was decided, and the history of single things. */
export function createInbox({ plans, executions, nodes, catalogue, clock }: InboxTools) {
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

  /** What was proposed, decided and done about one object of a node, newest first. */
  async function objectHistory(nodeId: NodeId, object: string): Promise<ObjectEvent[]> {
    await nodes.stored(nodeId)
    const found = await plans.actionsOn(nodeId, object)
    const isExpired = (expiresAt: string) => expiresAt <= now()
    const happened = found.flatMap(({ action, createdAt, executionId, expiresAt }): ObjectEvent[] => {
      const { title, planId, decidedBy, decidedAt, outcome, state } = action
      const told = { title, planId, by: null, outcome: null, executionId }
      const events: ObjectEvent[] = [{ ...told, at: createdAt, kind: 'proposed' }]
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
    return happened.toSorted((a, b) => (a.at < b.at ? 1 : -1))
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
          closed: whyClosed(plan, await surroundings(plan))?.detail ?? null,
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
export type Inbox = ReturnType<typeof createInbox>
