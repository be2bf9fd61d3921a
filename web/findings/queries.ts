import { infiniteQueryOptions } from '@tanstack/react-query'
import type { Severity } from '../../contract/agent-protocol.ts'
import type { NodeId } from '../../contract/ids.ts'
import { api } from '../lib/api.ts'

/** What the list of findings is narrowed to, as the address has it. */
export interface FindingFilter {
  readonly severity?: Severity | undefined
  readonly node?: string | undefined
  /** Left out means open ones. */
  readonly open?: false | undefined
}

const pageSize = 50

export const findingsQuery = ({ severity, node, open }: FindingFilter) =>
  infiniteQueryOptions({
    queryKey: ['findings', 'pages', { severity, node, open }] as const,
    queryFn: ({ pageParam, signal }) =>
      api.findings.list(
        {
          query: {
            severity,
            nodeId: node as NodeId | undefined,
            open: open === false ? 'false' : 'true',
            cursor: pageParam,
            limit: pageSize,
          },
        },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  })
