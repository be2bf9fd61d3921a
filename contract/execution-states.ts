/**
 * The life of an execution: queued → connecting → running (→ stopping) → one of the final states.
 * `blocked` never reached the node because a person must act first (host key, credential, agent not allowed);
 * `unreachable` could not reach it; `lost` was running when the link broke and could not be found again.
 */
export const finalStates = [
  'succeeded',
  'failed',
  'timed-out',
  'cancelled',
  'lost',
  'unreachable',
  'blocked',
] as const
export const activeStates = ['queued', 'connecting', 'running', 'stopping'] as const
export type FinalState = (typeof finalStates)[number]
export type ExecutionState = (typeof activeStates)[number] | FinalState

export const isFinal = (state: ExecutionState): state is FinalState =>
  (finalStates as readonly ExecutionState[]).includes(state)
