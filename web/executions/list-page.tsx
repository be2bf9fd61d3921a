import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { FilterX, Play, SearchX } from 'lucide-react'
import { useState } from 'react'
import { activeStates, type ExecutionState, finalStates } from '../../contract/executions.ts'
import type { BatchId, NodeId } from '../../contract/ids.ts'
import { agentsQuery } from '../agents/queries.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { Pagination } from '../ui/pagination.tsx'
import { Select } from '../ui/select.tsx'
import { BatchCard } from './batch-summary.tsx'
import { ExecutionTable, ExecutionTableSkeleton } from './execution-table.tsx'
import { executionsQuery } from './list-queries.ts'
import { NodeFilter } from './node-filter.tsx'
import { RunButton } from './run-button.tsx'

const route = getRouteApi('/inside/executions')

/** What the list is narrowed to, as the address has it. */
export interface Filters {
  readonly node?: string | undefined
  readonly agent?: string | undefined
  readonly batch?: string | undefined
  readonly state?: ExecutionState | undefined
}

export function ExecutionsPage() {
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <ExecutionList
      filters={filters}
      onFilter={(changed) =>
        void navigate({ search: (before) => ({ ...before, ...changed }), replace: true })
      }
      onClear={() => void navigate({ search: {} })}
    />
  )
}

export interface ExecutionListProps {
  readonly filters: Filters
  readonly onFilter: (changed: Filters) => void
  readonly onClear: () => void
}

const pageSize = 50
/** Executions of a batch that its summary counts. */
const batchMost = 200

export function ExecutionList({ filters, onFilter, onClear }: ExecutionListProps) {
  const t = useMessages('executions')
  const words = useMessages('executionList')
  const batchWords = useMessages('batch')
  const { node, agent, batch, state } = filters
  // Cursors of the pages up to the one shown; the first page has none, and another selection begins at its first page.
  const about = JSON.stringify(filters)
  const [paged, setPaged] = useState<{ about: string; cursors: readonly string[] }>({ about, cursors: [] })
  const cursors = paged.about === about ? paged.cursors : []
  const setCursors = (changed: readonly string[]) => setPaged({ about, cursors: changed })
  const cursor = cursors.at(-1)
  const list = useQuery({
    ...executionsQuery({
      nodeId: node as NodeId | undefined,
      agentId: agent,
      batchId: batch as BatchId | undefined,
      state,
      cursor,
      limit: pageSize,
    }),
    placeholderData: keepPreviousData,
  })
  const together = useQuery({
    ...executionsQuery({ batchId: batch as BatchId | undefined, limit: batchMost }),
    enabled: batch !== undefined,
  })
  const isFiltered = Boolean(node ?? agent ?? batch ?? state)
  const older = list.data?.nextCursor

  return (
    <>
      <PageHeader
        title={batch ? batchWords.title : t.title}
        subtitle={batch ? undefined : words.subtitle}
        actions={
          <RunButton label={t.runAnAgent} request={{ agentId: agent, targets: node ? [node] : undefined }} />
        }
      />
      {batch && together.data && (
        <BatchCard executions={together.data.items} hasMore={together.data.nextCursor !== null} />
      )}
      <FilterBar filters={filters} isFiltered={isFiltered} onFilter={onFilter} onClear={onClear} />
      <Card className="overflow-clip">
        {list.isError ? (
          <ErrorPanel
            error={list.error}
            isRetrying={list.isFetching}
            onRetry={() => void list.refetch()}
            className="rounded-none border-0"
          />
        ) : list.isPending ? (
          <ExecutionTableSkeleton rows={10} />
        ) : list.data.items.length > 0 ? (
          <ExecutionTable executions={list.data.items} />
        ) : isFiltered ? (
          <EmptyState
            icon={SearchX}
            title={words.noMatchTitle}
            text={words.noMatchText}
            action={
              <Button variant="secondary" onClick={onClear}>
                {words.clear}
              </Button>
            }
          />
        ) : (
          <EmptyState
            icon={Play}
            title={words.emptyTitle}
            text={words.emptyText}
            guide="run-an-agent"
            action={<RunButton label={t.runAnAgent} />}
          />
        )}
        <Pagination
          isLoading={list.isPlaceholderData}
          onNewer={cursors.length > 0 ? () => setCursors(cursors.slice(0, -1)) : undefined}
          onOlder={older ? () => setCursors([...cursors, older]) : undefined}
        />
      </Card>
    </>
  )
}

interface FilterBarProps extends ExecutionListProps {
  readonly isFiltered: boolean
}

function FilterBar({ filters: { node, agent, state }, isFiltered, onFilter, onClear }: FilterBarProps) {
  const t = useMessages('executions').list
  const words = useMessages('executionList')
  const states = useMessages('ui').states
  const agents = useQuery(agentsQuery).data?.items ?? []
  // A filter may name an agent that is gone; its executions are still there.
  const isGone = agent !== undefined && !agents.some(({ manifest }) => manifest.id === agent)
  return (
    <div
      role="group"
      aria-label={words.filters}
      className="mb-3 grid grid-cols-2 gap-2 md:flex md:flex-wrap md:items-center md:[&>*]:w-52 md:[&>button]:w-auto"
    >
      <Select
        aria-label={t.state}
        value={state ?? ''}
        onChange={(event) =>
          onFilter({ state: (event.target.value || undefined) as ExecutionState | undefined })
        }
      >
        <option value="">{words.anyState}</option>
        {[...activeStates, ...finalStates].map((one) => (
          <option key={one} value={one}>
            {states[one]}
          </option>
        ))}
      </Select>
      <Select
        aria-label={t.agent}
        value={agent ?? ''}
        onChange={(event) => onFilter({ agent: event.target.value || undefined })}
      >
        <option value="">{words.anyAgent}</option>
        {isGone && <option value={agent}>{agent}</option>}
        {agents.map(({ manifest }) => (
          <option key={manifest.id} value={manifest.id}>
            {manifest.title}
          </option>
        ))}
      </Select>
      <div className="max-md:col-span-2">
        <NodeFilter value={node as NodeId | undefined} onChange={(id) => onFilter({ node: id })} />
      </div>
      {isFiltered && (
        <Button variant="ghost" className="max-md:col-span-2" onClick={onClear}>
          <FilterX aria-hidden />
          {words.clear}
        </Button>
      )}
    </div>
  )
}
