import type { Summary } from '../../contract/summary.ts'
import type { CostSummary } from '../../contract/costs.ts'
import type { FinalState } from '../../contract/execution-states.ts'
import type { NodeFigures } from './figures.ts'

interface Parts {
  readonly nodes: readonly NodeFigures[]
  readonly active: Readonly<Record<'queued' | 'connecting' | 'running' | 'stopping', number>>
  readonly ended: Readonly<Record<FinalState, number>>
  readonly costs: Pick<CostSummary, 'todayNanoUsd' | 'monthNanoUsd'>
  readonly approvalsPending: number
  readonly lastRunAt: string | null
}

const isDown = ({ health }: NodeFigures): boolean => health === 'unreachable' || health === 'blocked'

/** Everything at a glance. A paused node is nobody's worry; one that was never reached is neither up nor down. */
export function summarise(parts: Parts): Summary {
  const { nodes, active, ended, costs, approvalsPending, lastRunAt } = parts
  const down = nodes.filter(isDown).length
  const sum = (severity: 'critical' | 'high' | 'warning' | 'info') =>
    nodes.reduce((total, { findings }) => total + findings[severity], 0)
  const [critical, high, warning] = [sum('critical'), sum('high'), sum('warning')]
  const { succeeded, cancelled, ...failures } = ended
  const failed = Object.values(failures).reduce((total, count) => total + count, 0)
  return {
    nodesTotal: nodes.length,
    nodesUp: nodes.filter(({ health }) => health === 'ok' || health === 'findings').length,
    nodesDown: down,
    nodesPaused: nodes.filter(({ health }) => health === 'paused').length,
    executionsRunning: active.connecting + active.running + active.stopping,
    executionsQueued: active.queued,
    runsToday: succeeded + cancelled + failed,
    runsFailedToday: failed,
    findingsOpen: critical + high + warning + sum('info'),
    findingsCritical: critical,
    findingsHigh: high,
    findingsWarning: warning,
    approvalsPending,
    costTodayUsd: toUsd(costs.todayNanoUsd),
    costMonthUsd: toUsd(costs.monthNanoUsd),
    lastRunAt,
    status: down > 0 ? 'down' : critical + high + warning + approvalsPending > 0 ? 'attention' : 'ok',
  }
}

/** Rounded to four decimals: widgets show what they get. */
export const toUsd = (nanoUsd: number): number => Math.round(nanoUsd / 100_000) / 10_000
