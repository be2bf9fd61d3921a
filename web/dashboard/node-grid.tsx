import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Execution } from '../../contract/executions.ts'
import type { Node } from '../../contract/nodes.ts'
import { runsByNode } from '../executions/pairs.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Meter } from '../ui/meter.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SeverityBadge } from '../ui/severity-badge.tsx'
import { Loading, Skeleton } from '../ui/skeleton.tsx'
import { HealthBadge } from '../ui/status-badge.tsx'
import { type NodeMeters, toMeters } from './meters.ts'
import { Guard } from './panel.tsx'
import { metersQuery, recentQuery, tilesQuery } from './queries.ts'
import { Section } from './section.tsx'
import { ExecutionStrip } from './strip.tsx'
import { shown } from './shown.ts'

const grid = 'grid gap-3 grid-cols-[repeat(auto-fill,minmax(min(100%,13.5rem),1fr))]'

/** A tile for each node: how it is, how full, and how its last runs went. */
export function NodeGrid() {
  const t = useMessages('dashboard')
  const nodes = useQuery(tilesQuery)
  return (
    <Section
      title={t.nodes}
      text={nodes.data?.nextCursor ? t.moreNodes(shown.tiles) : undefined}
      actions={
        <Button size="sm" variant="ghost" asChild>
          <Link to="/nodes">{t.allNodes}</Link>
        </Button>
      }
    >
      <Guard>
        <Tiles />
      </Guard>
    </Section>
  )
}

function Tiles() {
  const nodes = useQuery(tilesQuery)
  const items = nodes.data?.items ?? []
  const recent = useQuery(recentQuery).data
  const metrics = useQuery({ ...metersQuery(items.map(({ id }) => id)), enabled: items.length > 0 }).data
  if (nodes.isError && !nodes.data) {
    return (
      <ErrorPanel error={nodes.error} isRetrying={nodes.isFetching} onRetry={() => void nodes.refetch()} />
    )
  }
  if (!nodes.data) return <TilesSkeleton />
  const runs = runsByNode(recent?.items ?? [], shown.strip)
  const meters = metrics && toMeters(metrics.items)
  return (
    <ul className={grid}>
      {items.map((node) => (
        <li key={node.id} className="min-w-0">
          <NodeTile
            node={node}
            runs={runs.get(node.id) ?? []}
            meters={meters ? (meters.get(node.id) ?? null) : undefined}
          />
        </li>
      ))}
    </ul>
  )
}

interface NodeTileProps {
  readonly node: Node
  readonly runs: readonly Execution[]
  /** Null when it has never been measured; undefined while that is not known. */
  readonly meters: NodeMeters | null | undefined
}

export function NodeTile({ node, runs, meters }: NodeTileProps) {
  const t = useMessages('dashboard')
  const { id, name, health, findings, lastSeenAt } = node
  const worst = (['critical', 'high', 'warning'] as const).filter((severity) => findings[severity] > 0)
  return (
    <div className="relative flex h-full flex-col gap-3 rounded-lg border border-border bg-card p-4 transition-colors hover:border-input">
      <div>
        <Link
          to="/nodes/$id"
          params={{ id }}
          className="block truncate font-semibold after:absolute after:inset-0 after:rounded-lg"
          title={name}
        >
          <bdi>{name}</bdi>
        </Link>
        <div className="mt-0.5 flex min-h-5.5 flex-wrap items-center justify-between gap-x-3">
          <HealthBadge health={health} />
          {worst.length > 0 && (
            <span className="flex gap-2.5 text-sm" aria-label={t.openFindings} role="group">
              {worst.map((severity) => (
                <SeverityBadge key={severity} severity={severity} count={findings[severity]} />
              ))}
            </span>
          )}
        </div>
      </div>
      {meters === undefined ? (
        <div className="space-y-3 py-1">
          <Skeleton className="h-5" />
          <Skeleton className="h-5" />
        </div>
      ) : meters?.disk || meters?.memory != null ? (
        <div className="space-y-2">
          {meters.disk && <Meter label={t.diskAt(meters.disk.mount)} percent={meters.disk.percent} />}
          {meters.memory !== null && <Meter label={t.memory} percent={meters.memory} />}
        </div>
      ) : (
        <p className="text-sm text-muted-foreground">{t.noMeters}</p>
      )}
      <div className="mt-auto flex flex-wrap items-end justify-between gap-x-3">
        <ExecutionStrip runs={runs.slice(-10)} isLinked={false} />
        <span className="shrink-0 text-sm text-muted-foreground">
          {lastSeenAt ? (
            <>
              <span className="sr-only">{t.lastSeen} </span>
              <RelativeTime at={lastSeenAt} plain />
            </>
          ) : (
            t.neverSeen
          )}
        </span>
      </div>
    </div>
  )
}

function TilesSkeleton() {
  return (
    <Loading className={grid}>
      {Array.from({ length: 4 }, (_, place) => (
        <div key={place} className="space-y-3 rounded-lg border border-border bg-card p-4">
          <Skeleton className="h-5 w-28" />
          <Skeleton className="h-4 w-20" />
          <Skeleton className="h-5" />
          <Skeleton className="h-5" />
          <Skeleton className="h-6 w-32" />
        </div>
      ))}
    </Loading>
  )
}
