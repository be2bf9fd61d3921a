import type { Severity } from '../../contract/agent-protocol.ts'
import type { NoticeDraft } from '../../contract/notifications.ts'
import type { Summary } from '../../contract/summary.ts'

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
  const lines = [
    `Nodes: ${nodesUp} of ${nodesTotal} up${nodesDown > 0 ? `, ${nodesDown} down` : ''}${nodesPaused > 0 ? `, ${nodesPaused} paused` : ''}`,
    `Findings: ${summary.findingsOpen} open (${summary.findingsCritical} critical, ${summary.findingsHigh} high, ${summary.findingsWarning} warning); ${newFindings} new and ${recovered} recovered since yesterday`,
    `Runs today: ${runsToday}${runsFailedToday > 0 ? `, ${runsFailedToday} did not succeed` : ''}`,
    ...(approvalsPending > 0 ? [`Waiting for approval: ${approvalsPending}`] : []),
    `Models: $${summary.costTodayUsd.toFixed(2)} today, $${summary.costMonthUsd.toFixed(2)} this month`,
    ...(shown.length > 0 ? ['', 'Wants somebody:'] : []),
    ...shown.map(({ name, health, worst, open }) =>
      health === 'findings'
        ? `• ${name}: ${open} open, worst: ${worst ?? 'unknown'}`
        : `• ${name}: ${health}${open > 0 ? `, ${open} open` : ''}`,
    ),
    ...(rest > 0 ? [`… and ${rest} more`] : []),
  ]
  return {
    kind: 'report.morning',
    severity: severityOf(summary),
    key: `report/${day}`,
    title: titleOf(summary, nodes.length),
    detail: lines.join('\n'),
    nodeId: null,
    nodeName: null,
    agentId: null,
    page: '/',
  }
}

function titleOf({ nodesTotal, status }: Summary, wanting: number): string {
  if (nodesTotal === 0) return 'no nodes yet'
  if (status === 'ok') return `all is well on ${nodesTotal === 1 ? 'your node' : `${nodesTotal} nodes`}`
  return `${wanting} of ${nodesTotal} ${nodesTotal === 1 ? 'node' : 'nodes'} ${wanting === 1 ? 'wants' : 'want'} somebody`
}

function severityOf({ status, findingsCritical }: Summary): Severity {
  if (status === 'ok') return 'info'
  return findingsCritical > 0 || status === 'down' ? 'high' : 'warning'
}
