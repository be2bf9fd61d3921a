import { type ActionOrder, undoneBy } from '../../contract/actions.ts'
import type { ActionReport, ApprovedPlan, ProposedAction } from '../../contract/agent-protocol.ts'
import { changeKeyOf, objectOf } from '../../contract/actions.ts'
import type { Outcome } from '../../contract/executions.ts'
import type { AgentId, ApprovalId, ExecutionId, NodeId } from '../../contract/ids.ts'
import type { ActionOutcome, Trashed } from '../../contract/plans.ts'
import type { Audit } from '../audit/audit.ts'
import type { Tx } from '../db/database.ts'
import { serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { NewId } from '../lib/id.ts'
import { toOneLine } from '../lib/printable.ts'
import { type Bound, isAsApproved } from './bound.ts'
import { lastReports, outcomeOfAction, type Told } from './outcomes.ts'
import type { RejectionStore } from './rejections.ts'
import type { PlanStore, StoredApproval } from './store.ts'

export type { StoredAction, StoredApproval, StoredPlan, StoredTrash } from './store.ts'

/** After this a plan says too little about a node that lives on. */
const planHours = 24
const mostActions = 500

interface PlanTools {
  readonly store: PlanStore
  readonly rejections: RejectionStore
  readonly audit: Audit
  readonly events: EventBus
  readonly clock: Clock
  readonly newId: NewId
}

/** What a plan or the making of one belongs to. */
export interface Maker {
  readonly id: ExecutionId
  readonly nodeId: NodeId
  readonly agentId: AgentId
  readonly agentVersion: string
  readonly bundleSha256: string
  readonly approvalId: ApprovalId | null
  readonly dryRun: boolean
}

/** What is told once the transaction that kept it is through. */
export type Announce = () => void

/**
 * Plans as executions make them and carry them out. All of it happens in the transaction of the execution's end: a
 * plan is there with its report, and what became of its actions with the outcome of the run that made them.
 */
export function createPlans({ store, rejections, audit, events, clock, newId }: PlanTools) {
  /**
   * Keeps what a run proposes. What earlier plans of the agent for this node still wait for gives way, also when the
   * new look finds nothing to do. What somebody has rejected is in the plan, and is not asked again.
   */
  async function keep(
    tx: Tx,
    maker: Maker,
    { actions, hostKey }: { actions: readonly ProposedAction[]; hostKey: string | null },
  ): Promise<Announce> {
    const { id: executionId, nodeId, agentId, agentVersion, bundleSha256 } = maker
    const now = clock.now()
    const at = now.toISOString()
    await store.supersede(tx, { nodeId, agentId, by: executionId, at })
    // A run found again after a restart of this server may have no host key to tell: then nothing binds the plan.
    const kept = hostKey === null ? [] : eachOnce(actions)
    if (kept.length === 0 || hostKey === null) return () => events.emit('plans.changed', { nodeId })
    const planId = newId('pln')
    const expiresAt = new Date(now.getTime() + planHours * 3_600_000).toISOString()
    await store.insertPlan(tx, {
      id: planId,
      executionId,
      nodeId,
      agentId,
      agentVersion,
      bundleSha256,
      hostKey,
      createdAt: at,
      expiresAt,
    })
    const held = await rejections.heldAt(tx, { nodeId, agentId }, at)
    let asked = 0
    for (const [position, action] of kept.entries()) {
      const rejectionId = held.get(changeKeyOf(action.order)) ?? null
      if (rejectionId === null) asked += 1
      await store.insertAction(tx, {
        ...action,
        rejectionId,
        planId,
        nodeId,
        position,
        object: objectOf(action.order),
        title: toOneLine(action.title),
        why: toOneLine(action.why, 600),
        findingKey: action.findingKey === null ? null : toOneLine(action.findingKey, 400),
      })
    }
    const detail = {
      executionId,
      planId,
      actions: kept.map(({ aid }) => aid).slice(0, 50),
      count: kept.length,
      held: kept.length - asked,
    }
    await audit.append(tx, { actor: serverActor, action: 'plan.proposed', target: nodeId, detail })
    return () => {
      events.emit('plans.changed', { nodeId })
      if (asked > 0) events.emit('plan.proposed', { planId, nodeId, agentId, actions: asked })
    }
  }

  /**
   * What travels to the node with a run that makes changes. Throws `plan.superseded` and `plan.expired` when it is not
   * for this node, this host key, this agent or this hour any more, or has been used.
   */
  async function orderFor(tx: Tx, maker: Maker, hostKey: string): Promise<Bound> {
    const approval = maker.approvalId && (await store.approval(maker.approvalId, tx))
    if (!approval) throw fail('plan.superseded', { detail: 'The approval is not there any more.' })
    const bound = { text: approval.body, sha256: approval.sha256 }
    const problem = whyNot(approval, bound, maker, hostKey)
    if (problem) throw fail('plan.superseded', { detail: problem })
    if (clock.now().toISOString() > approval.expiresAt)
      throw fail('plan.expired', { detail: 'The approval was not used in time.' })
    return bound
  }

  /** Keeps what became of each approved action, however the run ended. */
  async function settle(
    tx: Tx,
    maker: Maker,
    ending: { outcome: Outcome['kind']; told: Told | null; bytesFreed: number | null },
  ): Promise<Announce> {
    const { nodeId } = maker
    const approval = maker.approvalId && (await store.approval(maker.approvalId, tx))
    if (!approval || approval.state !== 'running') return () => {}
    const at = clock.now().toISOString()
    const { actions } = JSON.parse(approval.body) as ApprovedPlan
    const last = lastReports(ending.told?.reports ?? [])
    const outcomes: Record<string, ActionOutcome['kind']> = {}
    for (const { aid, order } of actions) {
      const report = last.get(aid)
      const outcome = outcomeOfAction(report, ending, at)
      outcomes[aid] = outcome.kind
      if (approval.planId) {
        const isSettled = !approval.dryRun
        await store.keepOutcome(tx, { planId: approval.planId, aid, outcome, isSettled })
      }
      if (approval.trashId) await store.moveTrash(tx, approval.trashId, ['restoring'], afterUndo(outcome))
      if (outcome.kind === 'done' && report) await keepTrash(tx, maker, approval, { aid, order, report, at })
      if (outcome.kind === 'done' || outcome.reason === 'gone') await discarded(tx, nodeId, order)
    }
    await store.changeApproval(tx, approval.id, 'running', {
      state: 'settled',
      bytes_freed: ending.bytesFreed,
    })
    const detail = { executionId: maker.id, approvalId: approval.id, outcomes, bytesFreed: ending.bytesFreed }
    await audit.append(tx, { actor: serverActor, action: 'plan.applied', target: nodeId, detail })
    return () => events.emit('plans.changed', { nodeId })
  }

  /** What was set aside rather than removed can come back. A node can offer no other way back than the catalogue's. */
  async function keepTrash(
    tx: Tx,
    maker: Maker,
    approval: StoredApproval,
    { aid, order, report, at }: { aid: string; order: ActionOrder; report: ActionReport; at: string },
  ): Promise<void> {
    const { undo } = report
    if (!undo || undo.order.type !== undoneBy(order.type) || objectOf(undo.order) !== objectOf(order)) return
    const planned = approval.planId
      ? (await store.actions([approval.planId], tx)).find((action) => action.aid === aid)
      : undefined
    await store.insertTrash(tx, {
      id: newId('tra'),
      nodeId: maker.nodeId,
      agentId: maker.agentId,
      executionId: maker.id,
      aid,
      type: order.type,
      object: objectOf(order),
      title: planned?.title ?? objectOf(order),
      order: undo.order,
      bytes: undo.bytes,
      removedAt: at,
      removedBy: approval.approvedBy,
      until:
        undo.keepDays === null ? null : new Date(Date.parse(at) + undo.keepDays * 86_400_000).toISOString(),
    })
  }

  /** What was set aside is gone for good: nothing of it can come back. */
  async function discarded(tx: Tx, nodeId: NodeId, order: ActionOrder): Promise<void> {
    if (order.type !== 'docker.aside.discard' && order.type !== 'file.aside.discard') return
    for (const kept of await store.keptOn(tx, nodeId)) {
      if (isOf(kept.order, order)) await store.moveTrash(tx, kept.id, ['kept', 'restoring'], 'gone')
    }
  }

  const { plan, planOfExecution, page, count, actions, actionsOn, moveActions } = store
  const { insertApproval, approval, approvalsOf, changeApproval } = store
  const { trash, trashPage, trashBytes, moveTrash, restoresOf } = store
  return {
    keep,
    orderFor,
    settle,
    // What decisions read and write.
    plan,
    planOfExecution,
    page,
    count,
    actions,
    actionsOn,
    moveActions,
    insertApproval,
    approval,
    approvalsOf,
    changeApproval,
    trash,
    trashPage,
    trashBytes,
    moveTrash,
    restoresOf,
    rejections,
  }
}
export type Plans = ReturnType<typeof createPlans>

function whyNot(approval: StoredApproval, bound: Bound, maker: Maker, hostKey: string): string | null {
  if (!isAsApproved(bound)) return 'What is stored is not what was approved.'
  if (approval.state !== 'running' || approval.executionId !== maker.id) return 'The approval has been used.'
  if (approval.dryRun !== maker.dryRun) return 'It was approved for another kind of run.'
  if (approval.nodeId !== maker.nodeId) return 'It was approved for another node.'
  if (approval.hostKey !== hostKey) return 'The node has another host key than when this was approved.'
  if (approval.bundleSha256 !== maker.bundleSha256)
    return 'The agent has another version than when this was approved.'
  return null
}

function eachOnce(actions: readonly ProposedAction[]): ProposedAction[] {
  const byName = new Map<string, ProposedAction>()
  for (const action of actions) {
    if (!byName.has(action.aid) && byName.size < mostActions) byName.set(action.aid, action)
  }
  return [...byName.values()]
}

/** How an entry of the trash goes on after a try to bring it back. */
function afterUndo({ kind, reason }: ActionOutcome): Trashed['state'] {
  if (kind === 'done') return 'restored'
  return reason === 'gone' ? 'gone' : 'kept'
}

/** Whether what would bring a thing back needs just what was discarded. */
function isOf(undo: ActionOrder, discard: ActionOrder): boolean {
  if (discard.type === 'file.aside.discard')
    return undo.type === 'file.restore' && undo.target.asidePath === discard.target.asidePath
  return (
    discard.type === 'docker.aside.discard' &&
    (undo.type === 'docker.container.restore' || undo.type === 'docker.volume.restore') &&
    undo.type === `docker.${discard.target.what}.restore` &&
    undo.target.asideName === discard.target.asideName
  )
}
