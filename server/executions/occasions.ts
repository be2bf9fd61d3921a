import type { FinalState } from '../../contract/execution-states.ts'
import type { LatestMetric, Report } from '../../contract/reports.ts'
import type { RunEnded } from '../occasions/occasions.ts'
import type { StoredExecution } from './store.ts'

/** How full a file system is, per cent; its label `mount` says which. */
export const diskMetric = 'disk.used_pct'

/** More findings of one run than this are a fault of the rule, and one is enough to set something off. */
const mostFindings = 200
const longestTitle = 300

/** What triggers hear of a run that ended. `before` are the newest points of its file systems until now. */
export function runEnded(
  { id, nodeId, nodeName, agentId }: StoredExecution,
  outcome: FinalState,
  report: Report | null,
  before: readonly LatestMetric[],
): RunEnded {
  const findings = (report?.findings ?? []).flatMap((finding) => {
    const { key, rule, severity, state, title, confidence } = finding
    // As in notices: a run that did not see it says nothing about it, and a guess sets nothing off.
    if ((state !== 'new' && state !== 'worse') || finding.executionId !== id || confidence === 'low')
      return []
    return [{ key, rule, severity, state, title: title.slice(0, longestTitle) }]
  })
  const disks = (report?.metrics ?? []).flatMap(({ name, labels, value }) => {
    const mount = labels['mount']
    if (name !== diskMetric || mount === undefined) return []
    const last = before.find((one) => one.labels['mount'] === mount)
    return [{ mount, percent: value, before: last?.value ?? null }]
  })
  return {
    kind: 'run',
    executionId: id,
    nodeId,
    nodeName,
    agentId,
    outcome,
    findings: findings.slice(0, mostFindings),
    disks,
  }
}
