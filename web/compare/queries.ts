import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { AgentId, NodeId } from '../../contract/ids.ts'
import { api } from '../lib/api.ts'
import { query } from '../lib/query.ts'

/** To the minute, or every drawing would ask anew. */
const sinceOf = (days: number): string =>
  new Date(Math.floor(Date.now() / 60_000) * 60_000 - days * 86_400_000).toISOString()

/** Filed under executions: a run that ends may have found something. */
export const changesQuery = (days: number, node: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['executions', 'changes', { days, node }] as const,
    queryFn: ({ pageParam, signal }) =>
      api.changes.list(
        {
          query: { since: sinceOf(days), nodeId: node as NodeId | undefined, cursor: pageParam, limit: 50 },
        },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  })

export const pathsQuery = (agentId: AgentId) =>
  queryOptions({ ...query(['facts', 'paths'], api.facts.paths, { query: { agentId } }), staleTime: 60_000 })

export const acrossQuery = (agentId: AgentId, path: string) =>
  infiniteQueryOptions({
    queryKey: ['executions', 'facts', { agentId, path }] as const,
    queryFn: ({ pageParam, signal }) =>
      api.facts.across({ query: { agentId, path, cursor: pageParam, limit: 200 } }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    enabled: path !== '',
  })
