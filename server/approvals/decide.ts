import type { ActionOrder } from '../../contract/actions.ts'
import { isDestructive, nameToType, reversibilityOf, riskOf } from '../../contract/actions.ts'
import { can } from '../../contract/permissions.ts'
import type { Settings } from '../../contract/settings.ts'
import type { ActionState } from '../../contract/plans.ts'
import { type Actor, needPresence } from '../lib/actor.ts'
import { fail } from '../lib/errors.ts'
import type { StoredAction, StoredPlan } from '../plans/plans.ts'

/** Whether a plan can still be decided; else why not, in a sentence. */
export function whyClosed(
  plan: Pick<StoredPlan, 'supersededBy' | 'expiresAt' | 'bundleSha256' | 'hostKey'>,
  now: { readonly at: string; readonly bundleSha256: string | null; readonly hostKeys: readonly string[] },
): { readonly code: 'plan.superseded' | 'plan.expired'; readonly detail: string } | null {
  if (plan.supersededBy)
    return { code: 'plan.superseded', detail: 'A newer run of the agent took its place.' }
  if (plan.expiresAt <= now.at)
    return { code: 'plan.expired', detail: 'Nobody decided within a day. Run the agent again.' }
  if (plan.bundleSha256 !== now.bundleSha256)
    return { code: 'plan.superseded', detail: 'The agent has changed since. Run it again.' }
  if (!now.hostKeys.includes(plan.hostKey))
    return {
      code: 'plan.superseded',
      detail: 'The node has another host key than then. Run the agent again.',
    }
  return null
}

/** Where an action stands, as people see it: what waits in a plan that is too old has expired. */
export function shownState(state: StoredAction['state'], isExpired: boolean): ActionState {
  return isExpired && (state === 'waiting' || state === 'second-person') ? 'expired' : state
}

/**
 * Makes sure that somebody may approve these changes. Throws `plan.needs_admin`, `plan.name_not_typed` and what a proof
 * of presence is asked for with.
 */
export function checkApprover(
  actions: readonly Pick<StoredAction, 'aid' | 'order' | 'title'>[],
  typed: Readonly<Record<string, string>>,
  actor: Actor,
): void {
  const destructive = actions.filter(({ order }) => isDestructive(order))
  if (destructive.length > 0) {
    if (!can(actor.role, 'plan.approve-destructive'))
      throw fail('plan.needs_admin', { detail: `It cannot be taken back: ${destructive[0]?.title}.` })
    needPresence(actor)
  }
  for (const { aid, order } of actions) {
    const name = nameToType(order)
    if (name !== null && typed[aid] !== name) throw fail('plan.name_not_typed', { detail: `Type ${name}.` })
  }
}

/** Whether the settings ask for a second person before these changes are made. */
export function needsSecond(orders: readonly ActionOrder[], setting: Settings['secondApproval']): boolean {
  if (setting === 'never') return false
  return setting === 'always' || orders.some(isDestructive)
}

/** How much room a change takes in the trash of its node. A container only gets another name there. */
function setsAside({ order, bytesMax }: { order: ActionOrder; bytesMax: number | null }): number {
  const isCopied = order.type === 'docker.volume.remove' || order.type === 'file.remove'
  return isCopied && order.args.aside ? (bytesMax ?? 0) : 0
}

/**
 * Makes sure that what is set aside fits the trash of its node beside what is there. The node keeps a budget of its own
 * and measures; this one keeps somebody from filling it with many approvals. Throws `plan.no_trash_room`.
 */
export function checkTrashRoom(
  actions: readonly { readonly order: ActionOrder; readonly bytesMax: number | null }[],
  { kept, maxGib }: { kept: number; maxGib: number },
): void {
  const more = actions.reduce((sum, action) => sum + setsAside(action), 0)
  if (more === 0 || kept + more <= maxGib * gibibyte) return
  const inGib = (bytes: number) => (bytes / gibibyte).toFixed(1)
  throw fail('plan.no_trash_room', {
    detail: `${inGib(kept)} GiB are set aside, these would add ${inGib(more)}, and ${maxGib} are allowed.`,
  })
}

const gibibyte = 1_073_741_824

/** Whether a kind may be approved in advance: only what harms little and comes back. */
export function mayPreapprove(order: ActionOrder): boolean {
  const risk = riskOf(order)
  return (risk === 'low' || risk === 'medium') && !isDestructive(order) && reversibilityOf(order) !== 'no'
}
