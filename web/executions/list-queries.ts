import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ExecutionStart, ExecutionState } from '../../contract/executions.ts'
import type { AgentId, BatchId, ExecutionId, NodeId } from '../../contract/ids.ts'
import { agentsQuery } from '../agents/queries.ts'
import { api } from '../lib/api.ts'
import { query } from '../lib/query.ts'
import { tellFailure } from '../ui/toaster.tsx'

/** What the list of executions can be narrowed to, and from where on. */
export interface ExecutionFilter {
  readonly nodeId?: NodeId | undefined
  readonly agentId?: AgentId | undefined
  readonly batchId?: BatchId | undefined
  readonly state?: ExecutionState | undefined
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
}

export const executionsQuery = (filter: ExecutionFilter = {}) =>
  query(['executions', 'list'], api.executions.list, { query: filter })

/** Which nodes a selection means now. Filed under nodes: what they are called and allow decides it. */
export const previewQuery = (agentId: AgentId, targets: readonly string[]) =>
  queryOptions({
    ...query(['nodes', 'preview'], api.executions.preview, { body: { agentId, targets: [...targets] } }),
    enabled: targets.length > 0,
  })

/** What agents are called; the id of one that is gone. */
export function useAgentTitle(): (id: AgentId) => string {
  const { data } = useQuery(agentsQuery)
  return (id) => data?.items.find(({ manifest }) => manifest.id === id)?.manifest.title ?? id
}

type Start = Pick<ExecutionStart, 'agentId' | 'targets'> & Partial<ExecutionStart>

/** Starts, then leads to what was started: the page of one execution, or the list of a batch. */
export function useStart({ onStarted }: { readonly onStarted?: () => void } = {}) {
  const queries = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: (body: Start) => api.executions.start({ body }),
    onSuccess: async ({ batchId, executions }) => {
      void queries.invalidateQueries({ queryKey: ['executions'] })
      const [first, ...others] = executions
      onStarted?.()
      if (first && others.length === 0) await navigate({ to: '/executions/$id', params: { id: first.id } })
      else await navigate({ to: '/executions', search: { batch: batchId } })
    },
  })
}

export function useCancel() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: ExecutionId) => api.executions.cancel({ params: { id } }),
    onError: tellFailure,
    onSettled: () => queries.invalidateQueries({ queryKey: ['executions'] }),
  })
}
