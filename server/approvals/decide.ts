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

/** Whether a kind may be approved in advance: only what harms little and comes back. */
export function mayPreapprove(order: ActionOrder): boolean {
  const risk = riskOf(order)
  return (risk === 'low' || risk === 'medium') && !isDestructive(order) && reversibilityOf(order) !== 'no'
}
