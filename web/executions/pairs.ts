import type { Execution } from '../../contract/executions.ts'

/** The executions of one agent on one node. */
export interface Pair {
  readonly key: string
  readonly latest: Execution
  /** Oldest first. */
  readonly runs: readonly Execution[]
}

/** Gathers executions, which come newest first, by agent and node: the pair that ran last comes first. */
export function toPairs(executions: readonly Execution[], most: number): Pair[] {
  return gather(executions, ({ agentId, nodeId }) => `${agentId} ${nodeId}`, most)
}

/** The last executions of each node, oldest first. */
export function runsByNode(
  executions: readonly Execution[],
  most: number,
): Map<string, readonly Execution[]> {
  return new Map(gather(executions, ({ nodeId }) => nodeId, most).map(({ key, runs }) => [key, runs]))
}

function gather(executions: readonly Execution[], keyOf: (one: Execution) => string, most: number): Pair[] {
  const groups = new Map<string, Execution[]>()
  for (const one of executions) {
    const key = keyOf(one)
    const group = groups.get(key)
    if (!group) groups.set(key, [one])
    else if (group.length < most) group.push(one)
  }
  return [...groups].map(([key, runs]) => ({ key, latest: runs[0] as Execution, runs: runs.toReversed() }))
}
