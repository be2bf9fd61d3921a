import { type Execution, type ExecutionState, isFinal } from '../../contract/executions.ts'

export interface BatchSummary {
  readonly total: number
  readonly finished: number
  /** States that occur, those that need a look first. */
  readonly counts: readonly { readonly state: ExecutionState; readonly count: number }[]
  readonly active: readonly Execution[]
}

const order: readonly ExecutionState[] = [
  'blocked',
  'unreachable',
  'failed',
  'timed-out',
  'lost',
  'stopping',
  'running',
  'connecting',
  'queued',
  'succeeded',
  'cancelled',
]

/** How the executions that were started together stand. */
export function summarise(executions: readonly Execution[]): BatchSummary {
  const active = executions.filter(({ state }) => !isFinal(state))
  const counts = order
    .map((state) => ({ state, count: executions.filter((one) => one.state === state).length }))
    .filter(({ count }) => count > 0)
  return { total: executions.length, finished: executions.length - active.length, counts, active }
}
