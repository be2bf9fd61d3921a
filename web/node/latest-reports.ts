import type { Execution } from '../../contract/executions.ts'

/** The newest execution of each agent that has left a report. `executions` come newest first. */
export function latestReports(executions: readonly Execution[]): Execution[] {
  const byAgent = new Map<string, Execution>()
  for (const execution of executions) {
    if (execution.verdict !== null && !byAgent.has(execution.agentId))
      byAgent.set(execution.agentId, execution)
  }
  return [...byAgent.values()]
}
