import { useQuery } from '@tanstack/react-query'
import { GripVertical, SearchX } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { Node } from '../../../contract/nodes.ts'
import type { PlacedNode } from '../../../contract/topology.ts'
import { useCan } from '../../account/use-session.ts'
import { agentsQuery } from '../../agents/queries.ts'
import { api } from '../../lib/api.ts'
import { useMessages } from '../../lib/messages.ts'
import { query } from '../../lib/query.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Select } from '../../ui/select.tsx'
import { Loading, Skeleton } from '../../ui/skeleton.tsx'
import { type Grouping, groupings, groupNodes, usualGrouping } from './groups.ts'
import { Picture } from './picture.tsx'
import { Twin } from './twin.tsx'
import { draggedAgent } from './use-drop.ts'

export interface TopologyProps {
  readonly filters: {
    readonly search?: string | undefined
    readonly tag?: string | undefined
    readonly health?: Node['health'] | undefined
    readonly by?: Grouping | undefined
  }
  readonly onGroup: (by: Grouping) => void
}

const topologyQuery = query(['nodes', 'topology'], api.topology.get, {})

/** All nodes in groups, how they are, and the ways through jump hosts. An agent that is dropped on one is run there. */
export function Topology({ filters: { search, tag, health, by }, onGroup }: TopologyProps) {
  const t = useMessages('nodes').topology
  const mayRun = useCan('execution.start')
  const all = useQuery(topologyQuery)
  const agents = useQuery(agentsQuery).data?.items
  const [isTwin, setTwin] = useState(false)
  const nodes = useMemo(
    () => (all.data?.items ?? []).filter((node) => isWanted(node, { search, tag, health })),
    [all.data, search, tag, health],
  )
  const names = useMemo(() => new Map(all.data?.items.map(({ id, name }) => [id, name])), [all.data])
  const grouping = by ?? usualGrouping(nodes)
  const groups = useMemo(() => groupNodes(nodes, grouping), [nodes, grouping])
  const offered = mayRun ? (agents ?? []) : []
  if (all.isError && !all.data)
    return <ErrorPanel error={all.error} isRetrying={all.isFetching} onRetry={() => void all.refetch()} />
  if (!all.data) {
    return (
      <Loading className="grid gap-6 md:grid-cols-2 xl:grid-cols-3">
        {[0, 1, 2].map((place) => (
          <Skeleton key={place} className="h-48" />
        ))}
      </Loading>
    )
  }
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
        <Select
          aria-label={t.groupBy}
          value={grouping}
          onChange={(event) => {
            const chosen = groupings.find((one) => one === event.target.value)
            if (chosen) onGroup(chosen)
          }}
          className="w-48"
        >
          {groupings.map((one) => (
            <option key={one} value={one}>
              {t.groupings[one]}
            </option>
          ))}
        </Select>
        <Button variant="secondary" aria-pressed={isTwin} onClick={() => setTwin(!isTwin)}>
          {isTwin ? t.asPicture : t.asTable}
        </Button>
        {offered.length > 0 && !isTwin && (
          <div className="flex flex-wrap items-center gap-2 max-md:hidden pointer-coarse:hidden">
            <span className="text-sm text-muted-foreground">{t.drag}</span>
            {offered.map(({ manifest: { id, title } }) => (
              <span
                key={id}
                {...draggedAgent(id)}
                className="inline-flex h-7 cursor-grab items-center gap-1 rounded-full border border-border bg-card pe-3 ps-1.5 text-sm font-medium select-none active:cursor-grabbing"
              >
                <GripVertical aria-hidden className="size-3.5 text-muted-foreground" />
                {title}
              </span>
            ))}
          </div>
        )}
      </div>
      {nodes.length === 0 ? (
        <Card>
          <EmptyState icon={SearchX} title={t.noneTitle} text={t.noneText} />
        </Card>
      ) : isTwin ? (
        <Twin groups={groups} names={names} agents={offered} />
      ) : (
        <Picture groups={groups} names={names} agents={offered} />
      )}
    </>
  )
}

function isWanted(node: PlacedNode, { search, tag, health }: Omit<TopologyProps['filters'], 'by'>): boolean {
  if (search && !node.name.toLowerCase().includes(search.toLowerCase())) return false
  if (tag && !node.tags.includes(tag)) return false
  return !health || node.health === health
}
