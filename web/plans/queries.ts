import { infiniteQueryOptions } from '@tanstack/react-query'
import type { ExecutionId, NodeId } from '../../contract/ids.ts'
import { api } from '../lib/api.ts'
import { query } from '../lib/query.ts'

const pageSize = 20

export const plansQuery = (onlyWaiting: boolean) =>
  infiniteQueryOptions({
    queryKey: ['plans', 'pages', onlyWaiting] as const,
    queryFn: ({ pageParam, signal }) =>
      api.plans.list(
        { query: { waiting: onlyWaiting ? 'true' : 'false', cursor: pageParam, limit: pageSize } },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  })

export const planCountQuery = query(['plans', 'count'], api.plans.count, {})

export const planOfQuery = (id: ExecutionId) =>
  query(['plans', 'ofExecution'], api.plans.ofExecution, { params: { id } })

export const objectQuery = (nodeId: NodeId, object: string) =>
  query(['plans', 'object'], api.plans.objectHistory, { params: { id: nodeId }, query: { object } })

export const trashQuery = (onlyKept: boolean) =>
  infiniteQueryOptions({
    queryKey: ['plans', 'trash', onlyKept] as const,
    queryFn: ({ pageParam, signal }) =>
      api.trash.list(
        { query: { kept: onlyKept ? 'true' : 'false', cursor: pageParam, limit: 50 } },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  })

export const rejectionsQuery = infiniteQueryOptions({
  queryKey: ['plans', 'rejections'] as const,
  queryFn: ({ pageParam, signal }) =>
    api.rejections.list({ query: { cursor: pageParam, limit: 50 } }, { signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
})

export const policiesQuery = query(['plans', 'policies'], api.policies.list, {})
