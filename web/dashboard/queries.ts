import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { NodeId } from '../../contract/ids.ts'
import type { Severity } from '../../contract/agent-protocol.ts'
import type { Finding } from '../../contract/reports.ts'
import { executionsQuery } from '../executions/list-queries.ts'
import { api } from '../lib/api.ts'
import { query } from '../lib/query.ts'
import { nodesQuery } from '../nodes/queries.ts'
import { tellFailure } from '../ui/toaster.tsx'

/** What the dashboard shows at once; the lists behind its links show the rest. */
export const shown = { tiles: 24, pairs: 10, needs: 6, strip: 12 } as const

/** Executions that strips and last results are made of. */
export const recentQuery = executionsQuery({ limit: 200 })
export const tilesQuery = nodesQuery({ limit: shown.tiles })
export const nodesInNeedQuery = (health: 'blocked' | 'unreachable') =>
  nodesQuery({ health, limit: shown.needs })

export const findingsQuery = (severity: Severity) =>
  query(['findings', 'list'], api.findings.list, { query: { severity, limit: 50 } })

export const metersQuery = (nodes: readonly NodeId[]) =>
  query(['metrics', 'latest'], api.metrics.latest, {
    query: { names: 'disk.used_pct,memory.used_pct', nodes: nodes.join(',') },
  })

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
