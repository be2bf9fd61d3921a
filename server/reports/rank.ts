import type { Severity } from '../../contract/agent-protocol.ts'
import type { Finding } from '../../contract/reports.ts'

/** Most severe first; the place in this list is the rank that the database sorts by. */
export const severities: readonly Severity[] = ['critical', 'high', 'warning', 'info']

export const rankOf = (severity: Severity): number => severities.indexOf(severity)

/** What is new or grows comes before what a person has seen already. */
const stateOrder: readonly Finding['state'][] = ['new', 'worse', 'known', 'better', 'resolved']

/**
 * Orders the findings of a report as a person wants to meet them: most severe first, then those that were not seen
 * this time, resolved ones last.
 */
export const byUrgencyIn = (executionId: Finding['executionId']) => (a: Finding, b: Finding) => {
  return (
    Number(a.state === 'resolved') - Number(b.state === 'resolved') ||
    Number(isFading(a, executionId)) - Number(isFading(b, executionId)) ||
    rankOf(a.severity) - rankOf(b.severity) ||
    Number(a.acknowledgedAt !== null) - Number(b.acknowledgedAt !== null) ||
    stateOrder.indexOf(a.state) - stateOrder.indexOf(b.state) ||
    order(a.subject, b.subject) ||
    order(a.key, b.key)
  )
}

/** Not `localeCompare`: the order must be the same on every machine. */
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

interface Standing {
  readonly state: Finding['state']
  readonly executionId: Finding['executionId']
}

/**
 * Whether a run looked where the finding was and did not see it: still open, because only the second such run in a
 * row resolves it, but nothing to act on.
 */
export const isFading = (finding: Standing, executionId: Finding['executionId']): boolean =>
  finding.state === 'better' && finding.executionId !== executionId

/**
 * Whether a finding asks something of a person now. `info` is only good to know, a forecast of low confidence is
 * only shown, and an acknowledged finding keeps quiet until it grows worse.
 */
export function needsSomeone(finding: Finding, executionId: Finding['executionId']): boolean {
  return (
    finding.state !== 'resolved' &&
    finding.severity !== 'info' &&
    finding.confidence !== 'low' &&
    finding.acknowledgedAt === null &&
    !isFading(finding, executionId)
  )
}

/** The severity of the worst that is open and not acknowledged, or null. */
export function worstOf(findings: readonly Finding[], executionId: Finding['executionId']): Severity | null {
  const ranks = findings
    .filter((finding) => finding.state !== 'resolved' && finding.acknowledgedAt === null)
    .filter((finding) => !isFading(finding, executionId))
    .map((finding) => rankOf(finding.severity))
  return severities[Math.min(...ranks)] ?? null
}
