import { useQuery } from '@tanstack/react-query'
import type { Execution } from '../../contract/executions.ts'
import type { NodeId } from '../../contract/ids.ts'
import type { StripRun } from '../ui/run-strip.tsx'
import { recentRunsQuery } from './queries.ts'
import { toStrips } from './run-strips.ts'

export function useRecentRuns(): Map<NodeId, StripRun[]> {
  const { data } = useQuery({ ...recentRunsQuery, select: selectStrips })
  return data ?? none
}

// Outside of the component, so that it runs once for each answer.
const selectStrips = ({ items }: { items: Execution[] }) => toStrips(items)
const none: Map<NodeId, StripRun[]> = new Map()
