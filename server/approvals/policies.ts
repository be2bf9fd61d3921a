import { type ActionOrder, type ActionType, reversibilityOf } from '../../contract/actions.ts'
import type { PlanId, PolicyId } from '../../contract/ids.ts'
import type { NoticeDraft } from '../../contract/notifications.ts'
import type { Plan, Policy } from '../../contract/plans.ts'
import { resolveTargets, type TargetNode } from '../../contract/targets.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import { type Actor, serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail, isAppError } from '../lib/errors.ts'
import type { NewId } from '../lib/id.ts'
import type { Logger } from '../lib/logger.ts'
import type { Nodes } from '../nodes/nodes.ts'
import type { Notices } from '../notices/notices.ts'
import { say } from '../notices/say.ts'
import type { Settings } from '../settings/settings.ts'
import type { Approvals } from './approvals.ts'
import type { Inbox } from './inbox.ts'
import { mayPreapprove } from './decide.ts'
import { createPolicyStore } from './policy-store.ts'

interface PolicyTools {
  readonly db: Database
  readonly inbox: Inbox
  readonly approvals: Approvals
  readonly nodes: Nodes
  readonly settings: Settings
  readonly audit: Audit
  readonly notices: Pick<Notices, 'put'>
  readonly clock: Clock
  readonly newId: NewId
  readonly logger: Logger
}

/** Kinds that some policy could cover: those whose harmless form comes back, and work that ends by itself. */
const coverable: ReadonlySet<ActionType> = new Set([
  'docker.image.remove',
  'docker.container.remove',
  'docker.buildcache.prune',
  'file.remove',
  'smart.selftest.start',
  'zfs.scrub.start',
  'md.check.start',
])

/**
 * Approval in advance. There is none until an administrator makes one, and none ever covers what cannot be taken back,
 * nor anything where the settings ask for two people each time.
 */
export function createPolicies(tools: PolicyTools) {
  const { db, inbox, approvals, nodes, settings, audit, notices, clock, newId, logger } = tools
  const store = createPolicyStore(db)

  async function create(
    wanted: Pick<Policy, 'type' | 'targets' | 'maxBytes'>,
    actor: Actor,
  ): Promise<Policy> {
    if (!coverable.has(wanted.type)) throw fail('policy.too_risky', { detail: `${wanted.type} is not.` })
    const policy = {
      ...wanted,
      id: newId('pol'),
      createdBy: actor.name,
      createdAt: clock.now().toISOString(),
    }
    await db.write(async (tx) => {
      await store.insert(tx, policy)
      const detail = { type: wanted.type, targets: wanted.targets, maxBytes: wanted.maxBytes }
      await audit.append(tx, { actor, action: 'policy.created', target: policy.id, detail })
    })
    return policy
  }

  /** Throws `policy.not_found`. */
  async function remove(id: PolicyId, actor: Actor): Promise<void> {
    await db.write(async (tx) => {
      const policy = (await store.all(tx)).find((one) => one.id === id)
      if (!policy) throw fail('policy.not_found')
      await store.remove(tx, id)
      const detail = { type: policy.type, targets: policy.targets, maxBytes: policy.maxBytes }
      await audit.append(tx, { actor, action: 'policy.removed', target: id, detail })
    })
  }

  /** Approves what a new plan has that a policy covers, and tells people of what is left to decide. */
  async function onProposed(planId: PlanId): Promise<void> {
    await applyTo(planId)
    const plan = await inbox.get(planId)
    const left = plan.actions.filter(({ state }) => state === 'waiting').length
    if (left > 0) await db.write((tx) => notices.put(tx, approvalNotice(plan, left)))
  }

  /** Whoever decides in the same moment may be first: then so be it. */
  async function applyTo(planId: PlanId): Promise<void> {
    const policies = await store.all()
    if (policies.length === 0 || settings.get().secondApproval === 'always') return
    const plan = await inbox.get(planId)
    const selection = await nodes.forSelection()
    for (const policy of policies) {
      const actions = coveredBy(policy, plan, selection)
      if (actions.length === 0) continue
      const actor: Actor = { ...serverActor, name: `policy:${policy.id}` }
      try {
        await approvals.approve(planId, { actions, typed: {}, dryRun: false }, actor)
      } catch (error) {
        if (!isAppError(error)) throw error
        logger.info({ planId, policy: policy.id, code: error.code }, 'policy not applied')
      }
    }
  }

  return { list: () => store.all(), create, remove, onProposed }
}
export type Policies = ReturnType<typeof createPolicies>

const approvalNotice = ({ id, nodeId, nodeName, agentId, agentTitle }: Plan, left: number): NoticeDraft => ({
  kind: 'approval.needed',
  severity: 'info',
  key: `plan/${id}`,
  title: say('approval.needed', { agent: agentTitle, changes: left, node: nodeName }),
  detail: null,
  nodeId,
  nodeName,
  agentId,
  page: '/approvals',
})

/** The waiting changes of a plan that a policy covers. */
export function coveredBy(
  { type, targets, maxBytes }: Pick<Policy, 'type' | 'targets' | 'maxBytes'>,
  { nodeId, actions }: Pick<Plan, 'nodeId' | 'actions'>,
  nodes: readonly TargetNode[],
): string[] {
  if (!resolveTargets(targets, nodes).nodes.some(({ id }) => id === nodeId)) return []
  return actions
    .filter(
      ({ state, order, bytesMax }) =>
        state === 'waiting' &&
        order.type === type &&
        isWithin(bytesMax ?? sizeOf(order), maxBytes) &&
        mayPreapprove(order),
    )
    .map(({ aid }) => aid)
}

const isWithin = (bytes: number | null, most: number): boolean => bytes !== null && bytes <= most

/** What only reads frees nothing; of anything else no figure means that nobody knows. */
const sizeOf = (order: ActionOrder): number | null => (reversibilityOf(order) === 'ends' ? 0 : null)
