import type { ActionReport } from '../../contract/agent-protocol.ts'
import type { Outcome } from '../../contract/executions.ts'
import type { ActionOutcome } from '../../contract/plans.ts'

/** What one run said about the changes it was to make. */
export interface Told {
  /** In the order they came; a run that is heard twice says the same twice. */
  readonly reports: readonly ActionReport[]
  /** Nothing that the run said is missing: its last word was heard, and nothing was left out before it. */
  readonly isWhole: boolean
}

/** The last that was said about each action; what is final stays, whatever comes after it. */
export function lastReports(reports: readonly ActionReport[]): Map<string, ActionReport> {
  const last = new Map<string, ActionReport>()
  for (const report of reports) {
    const before = last.get(report.aid)
    if (!before || before.state === 'started') last.set(report.aid, report)
  }
  return last
}

/**
 * What became of an approved action. Each is said before and after on the node, so one that was never said was not
 * begun, if all was heard; one that was begun and not ended is unknown, and so is everything where half was heard.
 */
export function outcomeOfAction(
  report: ActionReport | undefined,
  ending: { readonly outcome: Outcome['kind']; readonly told: Told | null },
  at: string,
): ActionOutcome {
  const nothing = { reason: null, why: null, bytesFreed: null, at }
  if (report && report.state !== 'started') {
    const { state, reason, why, bytesFreed } = report
    return { kind: state, reason, why, bytesFreed, at }
  }
  if (report) return { ...nothing, kind: 'unknown', why: 'It was begun, and nobody heard how it ended.' }
  // Without a run there was nothing to hear.
  const isCertain = ending.told ? ending.told.isWhole : ending.outcome !== 'lost'
  return isCertain
    ? { ...nothing, kind: 'not-run', why: notRun(ending.outcome) }
    : { ...nothing, kind: 'unknown', why: 'The run was lost before it could say.' }
}

function notRun(outcome: Outcome['kind']): string {
  switch (outcome) {
    case 'cancelled':
      return 'The run was cancelled before its turn.'
    case 'timed-out':
      return 'The time was over before its turn.'
    case 'unreachable':
      return 'The node could not be reached.'
    case 'blocked':
      return 'The run was not allowed to begin.'
    case 'succeeded':
    case 'failed':
    case 'lost':
      return 'The run ended before its turn.'
  }
}
