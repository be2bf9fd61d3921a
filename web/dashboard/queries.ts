import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query'
import type { NodeId } from '../../contract/ids.ts'
import type { Severity } from '../../contract/agent-protocol.ts'
import type { Finding } from '../../contract/reports.ts'
import { agentsQuery } from '../agents/queries.ts'
import { executionsQuery } from '../executions/list-queries.ts'
import { api } from '../lib/api.ts'
import { query } from '../lib/query.ts'
import { nodesQuery } from '../nodes/queries.ts'
import { planCountQuery } from '../plans/queries.ts'
import { tellFailure } from '../ui/toaster.tsx'
import { findingsFilter, inNeedFilter, recentFilter, tilesFilter } from './shown.ts'

export const recentQuery = executionsQuery(recentFilter)
export const tilesQuery = nodesQuery(tilesFilter)
export const nodesInNeedQuery = (health: 'blocked' | 'unreachable') => nodesQuery(inNeedFilter(health))

export const findingsQuery = (severity: Severity) =>
  query(['findings', 'list'], api.findings.list, { query: findingsFilter(severity) })

export const metersQuery = (nodes: readonly NodeId[]) =>
  query(['metrics', 'latest'], api.metrics.latest, {
    query: { names: 'disk.used_pct,memory.used_pct', nodes: nodes.join(',') },
  })

/** Fetches all that the dashboard shows, but what hangs on an answer before. */
export const fetchFirstView = (queries: QueryClient) => [
  queries.prefetchQuery(tilesQuery),
  queries.prefetchQuery(recentQuery),
  queries.prefetchQuery(agentsQuery),
  queries.prefetchQuery(findingsQuery('critical')),
  queries.prefetchQuery(findingsQuery('high')),
  queries.prefetchQuery(nodesInNeedQuery('blocked')),
  queries.prefetchQuery(nodesInNeedQuery('unreachable')),
  queries.prefetchQuery(planCountQuery),
]

export function useAcknowledge(onDone: (finding: Finding) => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ nodeId, agentId, key }: Finding) =>
      api.findings.acknowledge({ body: { nodeId, agentId, key } }),
    onSuccess: onDone,
    onError: tellFailure,
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ['findings'] }),
        queries.invalidateQueries({ queryKey: ['nodes'] }),
      ]),
  })
}
