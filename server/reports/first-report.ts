import type { Report } from '../../contract/reports.ts'
import type { FinishedRun } from './reports.ts'
import { settleFindings } from './findings.ts'
import { byUrgencyIn, worstOf } from './rank.ts'
import { toVerdict } from './verdict.ts'

/** The report of a run that nothing came before: what the first run on a node gives. Nothing is kept. */
export function toFirstReport(run: FinishedRun, at: string): Report {
  const { execution, nodeName, durationMs, collected } = run
  const { id: executionId, nodeId, agentId, agentVersion } = execution
  const { gaps, metrics, schema, facts, sections, status } = collected
  const findings = settleFindings([], { executionId, nodeId, agentId, at, collected })
    .map(({ absentRuns: _, ...finding }) => finding)
    .sort(byUrgencyIn(executionId))
  return {
    executionId,
    agentId,
    agentVersion,
    nodeId,
    nodeName,
    createdAt: at,
    durationMs,
    verdict: toVerdict({ findings, gaps, sections, status, executionId }),
    worst: worstOf(findings, executionId),
    findings,
    gaps: [...gaps],
    changes: null,
    comparedWith: null,
    metrics: [...metrics],
    schema,
    facts,
  }
}
