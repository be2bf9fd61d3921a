/** What a trigger can wait for. */
export const triggerKinds = ['finding', 'node-back', 'execution', 'disk', 'cost', 'webhook'] as const
export type TriggerKind = (typeof triggerKinds)[number]

/** A run by so many triggers, one after the other, sets off no further one. */
export const longestChain = 3

/** Says whether what happens has a node, so that a trigger may run its agent just there. */
export const hasNode = (kind: TriggerKind): boolean => kind !== 'cost' && kind !== 'webhook'
