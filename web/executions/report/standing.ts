import type { Severity } from '../../../contract/agent-protocol.ts'
import type { ExecutionId } from '../../../contract/ids.ts'
import type { Finding } from '../../../contract/reports.ts'

/** Most severe first. */
export const severities: readonly Severity[] = ['critical', 'high', 'warning', 'info']

/**
 * Whether a run looked where the finding was and did not see it: still open, because only the second such run in a
 * row resolves it, but nothing to act on.
 */
export const isFading = (
  { state, executionId }: Pick<Finding, 'state' | 'executionId'>,
  id: ExecutionId,
): boolean => state === 'better' && executionId !== id

/** The findings of a report as a person wants to meet them. The report has them in order within each group. */
export interface Grouped {
  readonly open: readonly { readonly severity: Severity; readonly findings: readonly Finding[] }[]
  readonly fading: readonly Finding[]
  readonly resolved: readonly Finding[]
}

export function groupFindings(findings: readonly Finding[], id: ExecutionId): Grouped {
  const isOpen = (finding: Finding) => finding.state !== 'resolved' && !isFading(finding, id)
  const open = severities.map((severity) => ({
    severity,
    findings: findings.filter((finding) => finding.severity === severity && isOpen(finding)),
  }))
  return {
    open: open.filter((group) => group.findings.length > 0),
    fading: findings.filter((finding) => finding.state !== 'resolved' && isFading(finding, id)),
    resolved: findings.filter(({ state }) => state === 'resolved'),
  }
}

/** Whether anything in it asks something of a person now; the verdict counts the same ones. */
export const needsSomeone = (finding: Finding, id: ExecutionId): boolean =>
  finding.state !== 'resolved' &&
  finding.severity !== 'info' &&
  finding.confidence !== 'low' &&
  finding.acknowledgedAt === null &&
  !isFading(finding, id)

/** Name of a finding in the address of a page, and of its place on it. */
export const anchorOf = (key: string): string => `finding-${encodeURIComponent(key)}`
