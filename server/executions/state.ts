import type { ExecutionState } from '../../contract/executions.ts'

/**
 * Where an execution may go from where it is.
 *
 * queued → connecting: a runner claimed it. connecting → queued: nothing had been sent yet when the server went
 * away, or the node takes no further session now. connecting → running: the agent said hello. stopping: somebody
 * cancelled, or the time is up, and the node is clearing away. Final states are left by nothing.
 */
const moves: Record<ExecutionState, readonly ExecutionState[]> = {
  queued: ['connecting', 'cancelled', 'blocked', 'failed'],
  connecting: ['queued', 'running', 'stopping', 'failed', 'cancelled', 'lost', 'unreachable', 'blocked'],
  running: ['stopping', 'succeeded', 'failed', 'timed-out', 'cancelled', 'lost'],
  stopping: ['succeeded', 'failed', 'timed-out', 'cancelled', 'lost', 'unreachable'],
  succeeded: [],
  failed: [],
  'timed-out': [],
  cancelled: [],
  lost: [],
  unreachable: [],
  blocked: [],
}

export const canMove = (from: ExecutionState, to: ExecutionState): boolean => moves[from].includes(to)
