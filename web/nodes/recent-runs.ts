import { useQuery } from '@tanstack/react-query'
import type { Execution } from '../../contract/executions.ts'
import type { NodeId } from '../../contract/ids.ts'
import { api } from '../lib/api.ts'
import { formatRelative } from '../lib/format.ts'
import { query } from '../lib/query.ts'
import type { StripRun } from '../ui/run-strip.tsx'

/** Bars of a strip in a list. */
const shown = 8
/** One page of the newest tells of most nodes, with one call. */
const looksAt = 200

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

export function useRecentRuns(): Map<NodeId, StripRun[]> {
  const { data } = useQuery({
    ...query(['executions', 'list'], api.executions.list, { query: { limit: looksAt } }),
    select: selectStrips,
  })
  return data ?? none
}

// Outside of the component, so that it runs once for each answer.
const selectStrips = ({ items }: { items: Execution[] }) => toStrips(items)
const none: Map<NodeId, StripRun[]> = new Map()
