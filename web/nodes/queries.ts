import type { QueryClient } from '@tanstack/react-query'
import type { NodeId } from '../../contract/ids.ts'
import type { Node } from '../../contract/nodes.ts'
import { api } from '../lib/api.ts'
import { query } from '../lib/query.ts'
import { pageSize, runsFrom, tagsFrom } from './shown.ts'

/** What the list of nodes can be narrowed to, and from where on. */
export interface NodeFilter {
  readonly search?: string | undefined
  readonly tag?: string | undefined
  readonly health?: Node['health'] | undefined
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
}

export const nodesQuery = (filter: NodeFilter = {}) =>
  query(['nodes', 'list'], api.nodes.list, { query: filter })
export const nodePageQuery = (filter: Omit<NodeFilter, 'limit'>) => nodesQuery({ ...filter, limit: pageSize })
export const tagsQuery = nodesQuery({ limit: tagsFrom })
/** One page of the newest tells of the last runs of most nodes, with one call. */
export const recentRunsQuery = query(['executions', 'list'], api.executions.list, {
  query: { limit: runsFrom },
})

/** Fetches all that the list of nodes shows. */
export const fetchNodeList = (queries: QueryClient, filter: Omit<NodeFilter, 'limit'>) => [
  queries.prefetchQuery(nodePageQuery(filter)),
  queries.prefetchQuery(tagsQuery),
  queries.prefetchQuery(recentRunsQuery),
]

/** Every node that fits, page by page. */
export async function allNodes(filter: Omit<NodeFilter, 'limit' | 'cursor'>): Promise<Node[]> {
  const found: Node[] = []
  let cursor: string | undefined
  do {
    const page = await api.nodes.list({ query: { ...filter, limit: 200, ...(cursor && { cursor }) } })
    found.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  return found
}

export const nodeQuery = (id: NodeId) => query(['nodes', 'get'], api.nodes.get, { params: { id } })
export const credentialsQuery = query(['credentials', 'list'], api.credentials.list, {})
