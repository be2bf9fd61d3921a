import { type ExecutionState, executionState } from '../../contract/executions.ts'

/**
 * Where an execution may go from where it is.
 *
 * queued → connecting: a runner claimed it. connecting → queued: nothing had been sent yet when the server went
 * away, or the node takes no further session now. connecting → running: the agent said hello. stopping: somebody
 * cancelled, or the time is up, and the node is clearing away; it does not run again from there. `blocked` and
 * `unreachable` never reached the node, so nothing that ran becomes one of them. Final states are left by nothing.
 */
const moves: Record<ExecutionState, readonly ExecutionState[]> = {
  queued: ['connecting', 'cancelled'],
  connecting: ['queued', 'running', 'stopping', 'failed', 'cancelled', 'lost', 'unreachable', 'blocked'],
  running: ['stopping', 'succeeded', 'failed', 'timed-out', 'cancelled', 'lost'],
  stopping: ['succeeded', 'failed', 'timed-out', 'cancelled', 'lost'],
  succeeded: [],
  failed: [],
  'timed-out': [],
  cancelled: [],
  lost: [],
  unreachable: [],
  blocked: [],
}

/** Says whether an execution may go from one state to the other. */
export const canMove = (from: ExecutionState, to: ExecutionState): boolean => moves[from].includes(to)

/** The states from which an execution may enter this one. */
export const statesBefore = (to: ExecutionState): ExecutionState[] =>
  executionState.options.filter((from) => canMove(from, to))
