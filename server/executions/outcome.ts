import { type ErrorCode, toProblem } from '../../contract/errors.ts'
import type { Outcome } from '../../contract/executions.ts'
import type { Frame } from '../ssh/frames.ts'

export type EndFrame = Extract<Frame, { t: 'end' }>

/** How the agent's own last word reads; null when it said none. */
export type ResultStatus = 'ok' | 'partial' | 'timeout' | 'cancelled' | 'error'

interface Ended {
  readonly end: EndFrame
  readonly status: ResultStatus | null
  /** The agent's own reason, for a detail. */
  readonly reason: string | null
  readonly timeoutS: number
  readonly attempts: number
  readonly lastLines: readonly string[]
}

/** What every outcome starts from: nothing went wrong, nothing is left. */
export const plainOutcome: Outcome = {
  kind: 'succeeded',
  problem: null,
  partial: false,
  exitCode: null,
  signal: null,
  forced: false,
  left: [],
  attempts: 0,
  lastLines: [],
}

/** An outcome without an end on the node: never reached, blocked, lost, or stopped before it started. */
export function outcomeWithout(
  kind: 'unreachable' | 'blocked' | 'lost' | 'cancelled' | 'failed',
  problem: Outcome['problem'],
  attempts: number,
): Outcome {
  return { ...plainOutcome, kind, problem, attempts }
}

/**
 * Says how an execution ended, from what the supervisor on the node saw. The supervisor stops at the first cause
 * and names it in `why`, so a cancel that arrives during the grace of a timeout does not rewrite history.
 */
export function outcomeOf({ end, status, reason, timeoutS, attempts, lastLines }: Ended): Outcome {
  const base = {
    ...plainOutcome,
    exitCode: end.code,
    signal: end.sig,
    forced: end.forced,
    left: end.left,
    attempts,
    lastLines: [...lastLines],
  }
  const failed = (kind: Outcome['kind'], code: ErrorCode, detail: string): Outcome => ({
    ...base,
    kind,
    problem: toProblem(code, detail),
  })

  if (end.why === 'cancel') return { ...base, kind: 'cancelled' }
  if (end.why === 'timeout' || status === 'timeout') {
    return failed('timed-out', 'execution.timed_out', `The agent was stopped after ${timeoutS} s.`)
  }
  if (end.why === 'full') {
    return failed(
      'failed',
      'execution.node_full',
      'The agent was stopped: there was no room for what it said.',
    )
  }
  if (end.why !== null) return failed('lost', 'execution.lost', lostBecause(end.why))
  if (status === 'cancelled') return { ...base, kind: 'cancelled' }
  if (end.sig !== null) {
    return failed('failed', 'execution.agent_failed', `The agent was ended on the node by signal ${end.sig}.`)
  }
  if (end.code !== 0) {
    return failed(
      'failed',
      'execution.agent_failed',
      reason ?? `The agent ended with exit status ${end.code}.`,
    )
  }
  if (status === 'error')
    return failed('failed', 'execution.agent_failed', reason ?? 'The agent reported an error.')
  return { ...base, kind: 'succeeded', partial: status === 'partial' }
}

function lostBecause(why: string): string {
  switch (why) {
    case 'disconnect':
      return 'The connection broke, and the agent stopped itself on the node.'
    case 'heartbeat':
      return 'The node heard nothing from this server any more, and the agent stopped itself.'
    case 'lease':
      return 'This server did not come back in time, and the agent stopped itself on the node.'
    default:
      return `The agent was stopped on the node (${why}).`
  }
}
