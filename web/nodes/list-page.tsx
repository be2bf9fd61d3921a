import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { LayoutGrid, List, Plus, SearchX, Server, Waypoints } from 'lucide-react'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useCan } from '../account/use-session.ts'
import type { NodeId } from '../../contract/ids.ts'
import type { Node } from '../../contract/nodes.ts'
import { useMessages } from '../lib/messages.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { SearchInput } from '../ui/search-input.tsx'
import { Select } from '../ui/select.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { BulkBar } from './bulk-bar.tsx'
import { NodeGrid } from './node-grid.tsx'
import { NodeTable } from './node-table.tsx'
import { allNodes, type NodeFilter, nodePageQuery, tagsQuery } from './queries.ts'
import { useRecentRuns } from './recent-runs.ts'

// Seldom looked at, and far larger than the list.
const Topology = lazy(async () => ({ default: (await import('./topology/topology.tsx')).Topology }))

const healths = [
  'ok',
  'findings',
  'blocked',
  'unreachable',
  'unknown',
  'paused',
] as const satisfies Node['health'][]

export interface ListFilters extends Pick<NodeFilter, 'search' | 'tag' | 'health'> {
  readonly view?: 'list' | 'grid' | 'topology' | undefined
  /** What the topology groups by. */
  readonly by?: 'tag' | 'site' | 'jump' | undefined
  /** The name that the page before ended with. */
  readonly after?: string | undefined
}

/** The list, with its filters in the address. */
export function NodesPage() {
  const filters = useSearch({ from: '/inside/nodes' })
  const navigate = useNavigate({ from: '/nodes' })
  return (
    <NodeList
      filters={filters}
      onFilter={(changed) =>
        void navigate({ search: (before) => ({ ...before, ...changed, after: undefined }), replace: true })
      }
    />
  )
}

export interface NodeListProps {
  readonly filters: ListFilters
  readonly onFilter: (changed: Omit<ListFilters, 'after'>) => void
}

/** All nodes: searched, narrowed down, and acted on in bulk. */
export function NodeList({ filters, onFilter }: NodeListProps) {
  const t = useMessages('nodes')
  const mayWrite = useCan('node.write')
  const mayRun = useCan('execution.start')
  const { search, tag, health, after } = filters
  const list = useQuery({
    ...nodePageQuery({ search, tag, health, cursor: after }),
    placeholderData: keepPreviousData,
  })
  const runs = useRecentRuns()
  const [chosen, setChosen] = useState<ReadonlyMap<NodeId, Node>>(new Map())
  const selectedIds = useMemo(() => new Set(chosen.keys()), [chosen])

  const isNarrowed = Boolean(search ?? tag ?? health)
  const { view = 'list' } = filters
  const isPicture = view === 'topology'
  const select = (nodes: readonly Node[], isSelected: boolean) =>
    setChosen((before) => {
      const after = new Map(before)
      for (const node of nodes) {
        if (isSelected) after.set(node.id, node)
        else after.delete(node.id)
      }
      return after
    })
  const onSelect = mayRun || mayWrite ? select : undefined

  return (
    <>
      <PageHeader
        title={t.title}
        subtitle={t.subtitle}
        actions={
          mayWrite && (
            <Button asChild variant="primary">
              <Link to="/nodes/new">
                <Plus aria-hidden />
                {t.add}
              </Link>
            </Button>
          )
        }
      />
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <SearchInput
          value={search ?? ''}
          onChange={(text) => onFilter({ search: text || undefined })}
          label={t.list.search}
          placeholder={t.list.search}
          className="w-full sm:w-72"
        />
        <HealthFilter value={health} onChange={(wanted) => onFilter({ health: wanted })} />
        <TagFilter value={tag} onChange={(wanted) => onFilter({ tag: wanted })} />
        <div role="group" aria-label={t.list.view} className="ms-auto flex max-md:hidden">
          {(
            [
              ['list', List, t.list.asList],
              ['grid', LayoutGrid, t.list.asGrid],
              ['topology', Waypoints, t.list.asTopology],
            ] as const
          ).map(([one, icon, label]) => (
            <IconButton
              key={one}
              label={label}
              icon={icon}
              aria-pressed={view === one}
              className="aria-pressed:bg-muted aria-pressed:text-foreground"
              onClick={() => onFilter({ view: one === 'list' ? undefined : one })}
            />
          ))}
        </div>
      </div>

      {chosen.size > 0 && (
        <BulkBar
          selected={[...chosen.values()]}
          onClear={() => setChosen(new Map())}
          {...((list.data?.nextCursor || after) && {
            onAll: async () => select(await allNodes({ search, tag, health }), true),
          })}
        />
      )}

      {isPicture && (
        <Suspense fallback={<SkeletonRows rows={8} />}>
          <Topology filters={filters} onGroup={(by) => onFilter({ by })} />
        </Suspense>
      )}
      {!isPicture && list.isError && (
        <ErrorPanel error={list.error} onRetry={() => void list.refetch()} className="mb-3" />
      )}
      {!isPicture && list.isPending && (
        <Card>
          <SkeletonRows rows={8} />
        </Card>
      )}
      {!isPicture && list.data?.items.length === 0 && (
        <Card>{isNarrowed || after ? <NoMatch /> : <NoNodes mayAdd={mayWrite} />}</Card>
      )}
      {!isPicture && list.data && list.data.items.length > 0 && (
        <div aria-busy={list.isPlaceholderData}>
          {view === 'grid' ? (
            <NodeGrid nodes={list.data.items} runs={runs} selected={selectedIds} onSelect={onSelect} />
          ) : (
            <Card>
              <NodeTable nodes={list.data.items} runs={runs} selected={selectedIds} onSelect={onSelect} />
            </Card>
          )}
          <Pages after={after} next={list.data.nextCursor} />
        </div>
      )}
    </>
  )
}

function HealthFilter({
  value,
  onChange,
}: {
  readonly value: Node['health'] | undefined
  readonly onChange: (health: Node['health'] | undefined) => void
}) {
  const t = useMessages('nodes').list
  const words = useMessages('ui').health
  return (
    <Select
      aria-label={t.health}
      value={value ?? ''}
      onChange={(event) => onChange(healths.find((health) => health === event.target.value))}
      className="max-sm:flex-1"
    >
      <option value="">{t.allHealth}</option>
      {healths.map((health) => (
        <option key={health} value={health}>
          {words[health]}
        </option>
      ))}
    </Select>
  )
}

function TagFilter({
  value,
  onChange,
}: {
  readonly value: string | undefined
  readonly onChange: (tag: string | undefined) => void
}) {
  const t = useMessages('nodes').list
  const { data } = useQuery(tagsQuery)
  const known = new Set(data?.items.flatMap(({ tags }) => tags))
  if (value) known.add(value)
  if (known.size === 0) return null
  return (
    <Select
      aria-label={t.tag}
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value || undefined)}
      className="max-w-56 max-sm:flex-1"
    >
      <option value="">{t.allTags}</option>
      {[...known].sort().map((tag) => (
        <option key={tag}>{tag}</option>
      ))}
    </Select>
  )
}

/** Further on, or back to where the list begins; one page back is the browser's own button. */
function Pages({ after, next }: { readonly after: string | undefined; readonly next: string | null }) {
  const t = useMessages('nodes').list
  const words = useMessages('ui').pagination
  if (!next && !after) return null
  return (
    <nav aria-label={words.label} className="mt-3 flex justify-between gap-2">
      {after ? (
        <Button asChild variant="secondary" size="sm">
          <Link to="/nodes" search={(before) => ({ ...before, after: undefined })}>
            {t.first}
          </Link>
        </Button>
      ) : (
        <span />
      )}
      {next && (
        <Button asChild variant="secondary" size="sm">
          <Link to="/nodes" search={(before) => ({ ...before, after: next })}>
            {t.next}
          </Link>
        </Button>
      )}
    </nav>
  )
}

function NoMatch() {
  const t = useMessages('nodes').list
  return (
    <EmptyState
      icon={SearchX}
      title={t.noMatchTitle}
      text={t.noMatchText}
      action={
        <Button asChild variant="secondary">
          <Link to="/nodes" search={{}}>
            {t.clearFilters}
          </Link>
        </Button>
      }
    />
  )
}

function NoNodes({ mayAdd }: { readonly mayAdd: boolean }) {
  const t = useMessages('nodes')
  return (
    <EmptyState
      icon={Server}
      title={t.list.emptyTitle}
      text={t.list.emptyText}
      guide="add-a-node"
      action={
        mayAdd && (
          <Button asChild variant="primary">
            <Link to="/nodes/new">
              <Plus aria-hidden />
              {t.add}
            </Link>
          </Button>
        )
      }
    />
  )
}
