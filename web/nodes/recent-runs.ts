import { useQuery } from '@tanstack/react-query'
import type { Execution } from '../../contract/executions.ts'
import type { NodeId } from '../../contract/ids.ts'
import { api } from '../lib/api.ts'
import { query } from '../lib/query.ts'
import type { StripRun } from '../ui/run-strip.tsx'
import { toStrips } from './run-strips.ts'
import { runsFrom } from './shown.ts'

/** One page of the newest tells of most nodes, with one call. */
export function useRecentRuns(): Map<NodeId, StripRun[]> {
  const { data } = useQuery({
    ...query(['executions', 'list'], api.executions.list, { query: { limit: runsFrom } }),
    select: selectStrips,
  })
  return data ?? none
}

// Outside of the component, so that it runs once for each answer.
const selectStrips = ({ items }: { items: Execution[] }) => toStrips(items)
const none: Map<NodeId, StripRun[]> = new Map()
