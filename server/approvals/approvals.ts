import { changeKeyOf } from '../../contract/actions.ts'
import type { ApprovedAction, ApprovedPlan } from '../../contract/agent-protocol.ts'
import type { ApprovalId, NodeId, PlanId, RejectionId } from '../../contract/ids.ts'
import type { PageQuery } from '../../contract/page.ts'
import type { Plan } from '../../contract/plans.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Executions } from '../executions/executions.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { NewId } from '../lib/id.ts'
import { toOneLine } from '../lib/printable.ts'
import { bind, type Bound } from '../plans/bound.ts'
import type { Plans, StoredAction, StoredApproval, StoredPlan } from '../plans/plans.ts'
import type { Settings } from '../settings/settings.ts'
import { checkApprover, checkTrashRoom, needsSecond } from './decide.ts'
import type { Inbox } from './inbox.ts'

/** An approval that was not used by then is worth nothing. */
const approvalHours = 1

interface ApprovalTools {
  readonly db: Database
  readonly plans: Plans
  readonly executions: Executions
  readonly inbox: Inbox
  readonly settings: Settings
  readonly audit: Audit
  readonly events: EventBus
  readonly clock: Clock
  readonly newId: NewId
}

/** What somebody decides about a plan. */
export interface Choice {
  readonly actions: readonly string[]
  readonly typed: Readonly<Record<string, string>>
  readonly dryRun: boolean
}

/**
 * Decisions about plans. Each change is decided once: whoever comes second learns who was first. An approval binds the
 * chosen changes to the node, its host key, the agent's bundle and the hour, and starts one execution that makes them.
 */
export function createApprovals(tools: ApprovalTools) {
  const { db, plans, inbox, executions, settings, audit, events, clock, newId } = tools
  const now = () => clock.now().toISOString()

  /**
   * Approves some changes. Where the settings ask for two people, the first one's choice waits for a second, who
   * approves just the same changes. A dry run decides nothing: it only checks on the node.
   */
  async function approve(id: PlanId, choice: Choice, actor: Actor): Promise<Plan> {
    const plan = await inbox.stored(id)
    await inbox.checkOpen(plan)
    const chosen = await choose(plan, choice.actions)
    if (!choice.dryRun) {
      checkApprover(chosen, choice.typed, actor)
      const kept = await plans.trashBytes(plan.nodeId)
      checkTrashRoom(chosen, { kept, maxGib: settings.get().trashMaxGib })
    }
    const first = choice.dryRun ? undefined : await waitingFor(plan, chosen)
    if (first) await approveSecond(plan, first, chosen, actor)
    else await approveFirst(plan, chosen, choice, actor)
    return inbox.get(id)
  }

  async function approveFirst(
    plan: StoredPlan,
    chosen: readonly StoredAction[],
    { typed, dryRun }: Choice,
    actor: Actor,
  ): Promise<void> {
    const approvalId = newId('apr')
    const orders = chosen.map(({ order }) => order)
    const waits = !dryRun && needsSecond(orders, settings.get().secondApproval)
    const expiresAt = waits ? plan.expiresAt : inHours(approvalHours)
    const bound = boundOf(
      { ...plan, approvalId, dryRun, expiresAt },
      chosen.map((one) => approved(one, typed)),
    )

    const decide = async (tx: Tx): Promise<void> => {
      if (!dryRun)
        await take(tx, plan, chosen, { approvalId, actor, state: waits ? 'second-person' : 'approved' })
      await plans.insertApproval(tx, {
        ...bindingOf(plan),
        ...bodyOf(bound),
        id: approvalId,
        kind: 'plan',
        planId: plan.id,
        trashId: null,
        approvedBy: actor.name,
        approvedAt: now(),
        state: waits ? 'second-person' : 'running',
        dryRun,
        expiresAt,
      })
      await note(tx, dryRun ? 'plan.checked' : 'plan.approved', plan, { approvalId, chosen, bound, actor })
    }
    if (waits) {
      await db.write(decide)
      events.emit('plans.changed', { nodeId: plan.nodeId })
      return
    }
    await run(plan, { approvalId, dryRun }, actor, decide)
  }

  async function approveSecond(
    plan: StoredPlan,
    first: StoredApproval,
    chosen: readonly StoredAction[],
    actor: Actor,
  ): Promise<void> {
    if (first.approvedBy === actor.name)
      throw fail('plan.same_person', {
        detail: 'You approved it first; somebody else has to approve it too.',
      })
    const expiresAt = inHours(approvalHours)
    const { actions } = JSON.parse(first.body) as { actions: ApprovedAction[] }
    const bound = boundOf({ ...plan, approvalId: first.id, dryRun: false, expiresAt }, actions)
    await run(plan, { approvalId: first.id, dryRun: false }, actor, async (tx) => {
      await take(tx, plan, chosen, { approvalId: first.id, actor, state: 'approved', from: 'second-person' })
      const isFirst = await plans.changeApproval(tx, first.id, 'second-person', {
        state: 'running',
        second_by: actor.name,
        second_at: now(),
        expires_at: expiresAt,
        body: bound.text,
        sha256: bound.sha256,
      })
      if (!isFirst) throw fail('plan.decided')
      await note(tx, 'plan.approved', plan, { approvalId: first.id, chosen, bound, actor })
    })
  }

  /** Starts the execution of an approval; decision and execution are there together, or neither is. */
  async function run(
    plan: Pick<StoredPlan, 'agentId' | 'nodeId' | 'executionId' | 'bundleSha256'>,
    { approvalId, dryRun }: { approvalId: ApprovalId; dryRun: boolean },
    actor: Actor,
    decide: (tx: Tx) => Promise<void>,
  ): Promise<void> {
    const { agentId, nodeId, executionId: as } = plan
    await executions.startApply(
      { agentId, nodeId, approvalId, dryRun, as },
      actor,
      async (tx, id, bundle) => {
        if (bundle !== plan.bundleSha256)
          throw fail('plan.superseded', { detail: 'The agent has changed since.' })
        await decide(tx)
        await plans.changeApproval(tx, approvalId, 'running', { execution_id: id })
      },
    )
    events.emit('plans.changed', { nodeId })
  }

  /**
   * Rejects changes that wait. Where they wait for a second person, the first one's approval falls with them. The same
   * changes are not asked again for so many days; for none, the next run asks; null is until somebody takes it back.
   */
  async function reject(
    id: PlanId,
    { actions, why, forDays }: { actions: readonly string[]; why: string; forDays: number | null },
    actor: Actor,
  ): Promise<Plan> {
    const plan = await inbox.stored(id)
    await db.write(async (tx) => {
      const chosen = pick(await plans.actions([id], tx), actions)
      const decided = { decided_by: actor.name, decided_at: now() }
      const moved = await plans.moveActions(tx, {
        planId: id,
        aids: actions,
        from: ['waiting', 'second-person'],
        to: { state: 'rejected', ...decided },
      })
      if (moved !== chosen.length) throw alreadyDecided(chosen)
      for (const first of new Set(chosen.map(({ approvalId }) => approvalId))) {
        if (first) await withdraw(tx, plan, first)
      }
      if (forDays !== 0) await remember(tx, plan, chosen, { why, forDays, by: actor.name })
      const detail = { planId: id, actions: chosen.map(({ aid }) => aid), why, forDays }
      await audit.append(tx, { actor, action: 'plan.rejected', target: plan.nodeId, detail })
    })
    events.emit('plans.changed', { nodeId: plan.nodeId })
    return inbox.get(id)
  }

  async function remember(
    tx: Tx,
    { id: planId, nodeId, agentId }: StoredPlan,
    chosen: readonly StoredAction[],
    { why, forDays, by }: { why: string; forDays: number | null; by: string },
  ): Promise<void> {
    const at = now()
    const until = forDays === null ? null : inHours(forDays * 24)
    for (const { aid, order, object, title } of chosen) {
      const id = newId('rej')
      const about = { nodeId, agentId, changeKey: changeKeyOf(order), type: order.type, object, title }
      await plans.rejections.remember(tx, { ...about, id, by, why: toOneLine(why), at, until })
      const to = { state: 'rejected' as const, rejection_id: id }
      await plans.moveActions(tx, { planId, aids: [aid], from: ['rejected'], to })
    }
  }

  /**
   * Forgets a rejection: what of it is proposed now waits for a decision, and the next run asks again. Throws
   * `rejection.not_found`.
   */
  async function takeBack(id: RejectionId, actor: Actor): Promise<void> {
    const nodeId = await db.write(async (tx) => {
      const found = await plans.rejections.find(tx, id)
      if (!found) throw fail('rejection.not_found')
      const asked = await plans.rejections.askAgain(tx, id)
      await plans.rejections.forget(tx, id)
      const detail = { title: found.title, by: found.by, plans: asked }
      await audit.append(tx, { actor, action: 'rejection.taken-back', target: found.nodeId, detail })
      return found.nodeId
    })
    events.emit('plans.changed', { nodeId })
  }

  async function rejections({ cursor, limit, nodeId }: PageQuery & { nodeId?: NodeId | undefined }) {
    const found = await plans.rejections.page({ before: cursor ?? null, limit: limit + 1, at: now(), nodeId })
    const items = found.slice(0, limit).map(({ changeKey: _, ...shown }) => shown)
    return { items, nextCursor: found.length > limit ? (items.at(-1)?.id ?? null) : null }
  }

  async function withdraw(tx: Tx, plan: StoredPlan, approvalId: ApprovalId): Promise<void> {
    await plans.changeApproval(tx, approvalId, 'second-person', { state: 'withdrawn' })
    const others = (await plans.actions([plan.id], tx)).filter(
      (action) => action.approvalId === approvalId && action.state === 'second-person',
    )
    if (others.length === 0) return
    await plans.moveActions(tx, {
      planId: plan.id,
      aids: others.map(({ aid }) => aid),
      from: ['second-person'],
      to: { state: 'waiting', approval_id: null, decided_by: null, decided_at: null },
    })
  }

  async function choose(plan: StoredPlan, aids: readonly string[]): Promise<StoredAction[]> {
    return pick(await plans.actions([plan.id]), aids)
  }

  /** The first approval that exactly these changes wait for a second person with; undefined when they do not. */
  async function waitingFor(plan: StoredPlan, chosen: readonly StoredAction[]) {
    if (!chosen.some(({ state }) => state === 'second-person')) return undefined
    const ids = new Set(chosen.map(({ approvalId }) => approvalId))
    const first = (await plans.approvalsOf([plan.id])).find(({ id }) => ids.has(id))
    const { actions } = JSON.parse(first?.body ?? '{"actions":[]}') as { actions: ApprovedAction[] }
    if (ids.size !== 1 || !first || actions.length !== chosen.length) {
      throw fail('plan.decided', { detail: 'A second person approves just what the first one chose.' })
    }
    return first
  }

  /** Takes the decision, unless somebody was first. */
  async function take(
    tx: Tx,
    plan: StoredPlan,
    chosen: readonly StoredAction[],
    {
      approvalId,
      actor,
      state,
      from = 'waiting',
    }: {
      approvalId: ApprovalId
      actor: Actor
      state: 'approved' | 'second-person'
      from?: 'waiting' | 'second-person'
    },
  ): Promise<void> {
    const aids = chosen.map(({ aid }) => aid)
    const moved = await plans.moveActions(tx, {
      planId: plan.id,
      aids,
      from: [from],
      to: { state, approval_id: approvalId, decided_by: actor.name, decided_at: now() },
    })
    if (moved !== aids.length) throw alreadyDecided(pick(await plans.actions([plan.id], tx), aids))
  }

  async function note(
    tx: Tx,
    action: string,
    plan: StoredPlan,
    {
      approvalId,
      chosen,
      bound,
      actor,
    }: { approvalId: ApprovalId; chosen: readonly StoredAction[]; bound: Bound; actor: Actor },
  ): Promise<void> {
    const titles = chosen.map(({ title }) => title).slice(0, 20)
    const detail = { planId: plan.id, approvalId, sha256: bound.sha256, count: chosen.length, titles }
    await audit.append(tx, { actor, action, target: plan.nodeId, detail })
  }

  const inHours = (hours: number): string => new Date(clock.now().getTime() + hours * 3_600_000).toISOString()

  return { approve, reject, takeBack, rejections }
}
export type Approvals = ReturnType<typeof createApprovals>

/** The chosen actions, in the order of the plan. Throws `plan.not_found` for one that is not of it. */
function pick(actions: readonly StoredAction[], aids: readonly string[]): StoredAction[] {
  const wanted = new Set(aids)
  const chosen = actions.filter(({ aid }) => wanted.has(aid))
  if (chosen.length !== wanted.size) throw fail('plan.not_found', { detail: 'The plan has no such change.' })
  return chosen
}

function alreadyDecided(chosen: readonly StoredAction[]) {
  const first = chosen.find(({ state, decidedBy }) => state !== 'waiting' && decidedBy !== null)
  if (!first) return fail('plan.decided', { detail: 'A newer plan took its place.' })
  const done = first.state === 'rejected' ? 'rejected' : 'approved'
  return fail('plan.decided', {
    detail: `${first.decidedBy} ${done} “${first.title}” at ${first.decidedAt}.`,
  })
}

const approved = (
  { aid, order, readAt, nameToType }: StoredAction,
  typed: Readonly<Record<string, string>>,
): ApprovedAction => ({
  aid,
  order,
  readAt,
  confirmedName: nameToType === null ? null : (typed[aid] ?? null),
})

const bindingOf = ({ nodeId, agentId, bundleSha256, hostKey }: StoredPlan) => ({
  nodeId,
  agentId,
  bundleSha256,
  hostKey,
})

const bodyOf = ({ text, sha256 }: Bound) => ({ body: text, sha256 })

/** Binds approved actions to where, when and what they were approved for. */
export const boundOf = (
  {
    nodeId,
    hostKey,
    agentId,
    bundleSha256,
    approvalId,
    dryRun,
    expiresAt,
  }: Omit<ApprovedPlan, 'v' | 'expiresAt' | 'actions'> & { readonly expiresAt: string },
  actions: readonly ApprovedAction[],
): Bound =>
  bind({
    v: 1,
    approvalId,
    nodeId,
    hostKey,
    agentId,
    bundleSha256,
    dryRun,
    expiresAt: Date.parse(expiresAt) / 1_000,
    actions,
  })
