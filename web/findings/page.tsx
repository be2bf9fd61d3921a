import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { CircleCheck, FilterX, SearchX } from 'lucide-react'
import type { Severity } from '../../contract/agent-protocol.ts'
import type { NodeId } from '../../contract/ids.ts'
import type { Finding } from '../../contract/reports.ts'
import { executionsQuery } from '../executions/list-queries.ts'
import { NodeFilter } from '../executions/node-filter.tsx'
import { FindingItem } from '../executions/report/finding-item.tsx'
import { RunButton } from '../executions/run-button.tsx'
import { severities } from '../executions/report/standing.ts'
import { useMessages } from '../lib/messages.ts'
import { nodesQuery } from '../nodes/queries.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { LoadMore } from '../ui/pagination.tsx'
import { Select } from '../ui/select.tsx'
import { Loading, Skeleton } from '../ui/skeleton.tsx'
import { type FindingFilter, findingsQuery } from './queries.ts'

const route = getRouteApi('/inside/findings')

export function FindingsPage() {
  const { severity, node, open } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <FindingList
      filter={{ severity, node, open: open === false ? false : undefined }}
      onFilter={(changed) =>
        void navigate({ search: (before) => ({ ...before, ...changed }), replace: true })
      }
      onClear={() => void navigate({ search: {}, replace: true })}
    />
  )
}

export interface FindingListProps {
  readonly filter: FindingFilter
  readonly onFilter: (changed: FindingFilter) => void
  readonly onClear: () => void
}

/** Everything found over all nodes, most severe first. */
export function FindingList({ filter, onFilter, onClear }: FindingListProps) {
  const t = useMessages('findings')
  const list = useInfiniteQuery(findingsQuery(filter))
  const findings = list.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <>
      <PageHeader title={t.title} subtitle={t.subtitle} />
      <FilterBar filter={filter} onFilter={onFilter} onClear={onClear} />
      {list.isPending ? (
        <FindingsSkeleton />
      ) : list.isError && findings.length === 0 ? (
        <ErrorPanel error={list.error} onRetry={() => void list.refetch()} isRetrying={list.isFetching} />
      ) : (
        <Card aria-label={t.list}>
          {findings.length === 0 ? (
            <Nothing filter={filter} onClear={onClear} />
          ) : (
            <>
              <ul className="divide-y divide-border">
                {findings.map((finding) => (
                  <FindingItem
                    key={`${finding.nodeId} ${finding.agentId} ${finding.key}`}
                    finding={finding}
                    where={<Where finding={finding} />}
                    short={finding.state === 'resolved'}
                    folded
                  />
                ))}
              </ul>
              <LoadMore
                hasMore={list.hasNextPage}
                isLoading={list.isFetchingNextPage}
                onLoadMore={() => void list.fetchNextPage()}
              />
            </>
          )}
        </Card>
      )}
    </>
  )
}

/** The node of a finding. Names come from one list of nodes; of those beyond it, from the page it leads to. */
function Where({ finding: { nodeId } }: { readonly finding: Finding }) {
  const nodes = useQuery(nodesQuery({ limit: 200 }))
  const name = nodes.data?.items.find(({ id }) => id === nodeId)?.name ?? nodeId
  return (
    <Link
      to="/nodes/$id"
      params={{ id: nodeId }}
      className="inline-flex h-5.5 max-w-48 items-center rounded-full border border-border px-2 text-xs font-medium hover:bg-muted"
    >
      <span className="truncate">{name}</span>
    </Link>
  )
}

function Nothing({ filter, onClear }: Pick<FindingListProps, 'filter' | 'onClear'>) {
  const t = useMessages('findings')
  if (filter.severity || filter.node) {
    return (
      <EmptyState
        icon={SearchX}
        title={t.noneTitle}
        text={t.noneText}
        action={
          <Button variant="secondary" onClick={onClear}>
            {t.clear}
          </Button>
        }
      />
    )
  }
  return filter.open === false ? (
    <EmptyState icon={SearchX} title={t.noneResolvedTitle} text={t.noneResolvedText} />
  ) : (
    <AllWell />
  )
}

/** That all is well can only be said once somebody has looked. */
function AllWell() {
  const t = useMessages('findings')
  const runs = useQuery(executionsQuery({ limit: 1 }))
  if (runs.data?.items.length === 0) {
    return (
      <EmptyState
        icon={SearchX}
        title={t.unseenTitle}
        text={t.unseenText}
        action={<RunButton request={{ agentId: 'system-health' }} />}
        guide="read-a-report"
      />
    )
  }
  return <EmptyState icon={CircleCheck} title={t.emptyTitle} text={t.emptyText} guide="read-a-report" />
}

function FilterBar({ filter: { severity, node, open }, onFilter, onClear }: FindingListProps) {
  const t = useMessages('findings')
  const words = useMessages('ui').severities
  return (
    <div
      role="group"
      aria-label={t.filters}
      className="mb-3 grid grid-cols-2 gap-2 md:flex md:flex-wrap md:items-center md:[&>*]:w-52 md:[&>button]:w-auto"
    >
      <Select
        aria-label={t.standing}
        value={open === false ? 'resolved' : 'open'}
        onChange={(event) => onFilter({ open: event.target.value === 'resolved' ? false : undefined })}
      >
        <option value="open">{t.open}</option>
        <option value="resolved">{t.resolved}</option>
      </Select>
      <Select
        aria-label={t.severity}
        value={severity ?? ''}
        onChange={(event) =>
          onFilter({ severity: (event.target.value || undefined) as Severity | undefined })
        }
      >
        <option value="">{t.anySeverity}</option>
        {severities.map((one) => (
          <option key={one} value={one}>
            {words[one]}
          </option>
        ))}
      </Select>
      <div className="max-md:col-span-2">
        <NodeFilter value={node as NodeId | undefined} onChange={(id) => onFilter({ node: id })} />
      </div>
      {(severity ?? node ?? open) !== undefined && (
        <Button variant="ghost" className="max-md:col-span-2" onClick={onClear}>
          <FilterX aria-hidden />
          {t.clear}
        </Button>
      )}
    </div>
  )
}

function FindingsSkeleton() {
  return (
    <Card>
      <Loading className="divide-y divide-border">
        {Array.from({ length: 6 }, (_, row) => (
          <div key={row} className="space-y-2.5 px-4 py-3.5">
            <Skeleton className="h-4 w-96 max-w-full" />
            <Skeleton className="h-3.5 w-64 max-w-full" />
            <Skeleton className="h-3.5 w-40" />
          </div>
        ))}
      </Loading>
    </Card>
  )
}
