import type { Execution } from '../../contract/executions.ts'
import type { NodeId } from '../../contract/ids.ts'
import { formatRelative } from '../lib/format.ts'
import type { StripRun } from '../ui/run-strip.tsx'

/** Bars of a strip in a list. */
const shown = 8

/** The last executions of each node, newest last, as far as the newest few hundred tell. */
export function toStrips(executions: readonly Execution[]): Map<NodeId, StripRun[]> {
  const strips = new Map<NodeId, StripRun[]>()
  for (const { id, nodeId, state, agentId, queuedAt } of executions) {
    const strip = strips.get(nodeId) ?? []
    if (strip.length < shown) strip.unshift({ id, state, label: `${agentId}, ${formatRelative(queuedAt)}` })
    strips.set(nodeId, strip)
  }
  return strips
}
