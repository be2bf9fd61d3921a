import type { Action, Plan } from '../../contract/plans.ts'

/** Whether an action can still be decided in its plan. */
export const isOpen = ({ state }: Pick<Action, 'state'>, { closed }: Pick<Plan, 'closed'>): boolean =>
  closed === null && (state === 'waiting' || state === 'second-person')

/** Chosen from the start: what waits and can be taken back. What is gone for good is chosen by hand. */
export const firstChoice = (plan: Plan): ReadonlySet<string> =>
  new Set(
    plan.actions
      .filter((action) => action.state === 'waiting' && isOpen(action, plan) && !action.destructive)
      .map(({ aid }) => aid),
  )

/** What some actions free together; null where none of them is about room. */
export function roomOf(
  actions: readonly Pick<Action, 'bytesMin' | 'bytesMax'>[],
): { readonly least: number; readonly most: number } | null {
  const known = actions.filter(({ bytesMax }) => bytesMax !== null)
  if (known.length === 0) return null
  return {
    least: known.reduce((sum, { bytesMin }) => sum + (bytesMin ?? 0), 0),
    most: known.reduce((sum, { bytesMax }) => sum + (bytesMax ?? 0), 0),
  }
}

/** Names that still have to be typed before these may be approved. */
export const namesToType = (actions: readonly Action[]): { readonly aid: string; readonly name: string }[] =>
  actions.flatMap(({ aid, nameToType }) => (nameToType === null ? [] : [{ aid, name: nameToType }]))

/** Place of an action on a page. */
export const actionAnchor = (aid: string): string => `action-${encodeURIComponent(aid)}`
