import type { Severity } from '../../contract/agent-protocol.ts'
import type { NoticeDraft, Phrase } from '../../contract/notifications.ts'
import type { Summary } from '../../contract/summary.ts'
import { say } from '../notices/say.ts'

/** What the morning report tells besides the summary; node names and titles are as they are, harmless only later. */
export interface MorningFacts {
  readonly summary: Summary
  /** Nodes that want somebody, worst first. */
  readonly nodes: readonly {
    readonly name: string
    readonly health: string
    readonly worst: string | null
    readonly open: number
  }[]
  /** Since the day before. */
  readonly newFindings: number
  readonly recovered: number
}

/** Nodes that are named before the rest is counted. */
const mostNodes = 15

/** One message over all nodes, what wants somebody first. */
export function toMorningReport(
  day: string,
  { summary, nodes, newFindings, recovered }: MorningFacts,
): NoticeDraft {
  const shown = nodes.slice(0, mostNodes)
  const rest = nodes.length - shown.length
  const { nodesTotal, nodesUp, nodesDown, nodesPaused, runsToday, runsFailedToday, approvalsPending } =
    summary
  const {
    findingsOpen: open,
    findingsCritical: critical,
    findingsHigh: high,
    findingsWarning: warning,
  } = summary
  const lines = [
    say('report.nodes', { up: nodesUp, total: nodesTotal, down: nodesDown, paused: nodesPaused }),
    say('report.findings', { open, critical, high, warning, fresh: newFindings, recovered }),
    say('report.runs', { runs: runsToday, failed: runsFailedToday }),
    ...(approvalsPending > 0 ? [say('report.approvals', { waiting: approvalsPending })] : []),
    say('report.models', { today: summary.costTodayUsd, month: summary.costMonthUsd }),
    ...(shown.length > 0 ? ['', say('report.wants-somebody')] : []),
    ...shown.map(({ name, health, worst, open }) => say('report.node', { name, health, worst, open })),
    ...(rest > 0 ? [say('report.more', { nodes: rest })] : []),
  ]
  return {
    kind: 'report.morning',
    severity: severityOf(summary),
    key: `report/${day}`,
    title: titleOf(summary, nodes.length),
    detail: lines,
    nodeId: null,
    nodeName: null,
    agentId: null,
    page: '/',
  }
}

function titleOf({ nodesTotal, status }: Summary, wanting: number): Phrase {
  if (nodesTotal === 0) return say('report.no-nodes')
  if (status === 'ok') return say('report.well', { nodes: nodesTotal })
  return say('report.wanting', { wanting, nodes: nodesTotal })
}

function severityOf({ status, findingsCritical }: Summary): Severity {
  if (status === 'ok') return 'info'
  return findingsCritical > 0 || status === 'down' ? 'high' : 'warning'
}
