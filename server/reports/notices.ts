import type { NoticeDraft, Phrase } from '../../contract/notifications.ts'
import type { Finding, Report } from '../../contract/reports.ts'
import { say } from '../notices/say.ts'

/**
 * What people may have to hear of after a run: what is new, what grew worse, and what is over. A finding that they marked
 * as known is `known` until it grows; one of low confidence is only shown.
 */
export function toNotices(report: Report): NoticeDraft[] {
  const { nodeId, nodeName, agentId, executionId, createdAt } = report
  return report.findings.flatMap((finding): NoticeDraft[] => {
    const kind = kindOf(finding, report)
    if (kind === null || finding.confidence === 'low') return []
    return [
      {
        kind,
        severity: finding.severity,
        key: `finding/${nodeId}/${agentId}/${finding.key}`,
        title: finding.title,
        detail: kind === 'finding.recovered' ? [sinceWhen(finding, createdAt)] : finding.fix,
        nodeId,
        nodeName,
        agentId,
        executionId,
        page: `/executions/${executionId}`,
      },
    ]
  })
}

function kindOf(
  { state, executionId, resolvedAt }: Finding,
  report: Report,
): 'finding.new' | 'finding.worse' | 'finding.recovered' | null {
  if (state === 'resolved') return resolvedAt === report.createdAt ? 'finding.recovered' : null
  if (executionId !== report.executionId) return null
  return state === 'new' ? 'finding.new' : state === 'worse' ? 'finding.worse' : null
}

const sinceWhen = ({ firstSeenAt }: Finding, now: string): Phrase =>
  say('finding.open-for', { hours: Math.round((Date.parse(now) - Date.parse(firstSeenAt)) / 3_600_000) })
