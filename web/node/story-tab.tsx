import { infiniteQueryOptions, keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { FilterX, History } from 'lucide-react'
import { useState } from 'react'
import type { AgentId, NodeId } from '../../contract/ids.ts'
import type { Node } from '../../contract/nodes.ts'
import type { StoryKind } from '../../contract/story.ts'
import { useCan } from '../account/use-session.ts'
import { agentsQuery } from '../agents/queries.ts'
import { api } from '../lib/api.ts'
import { formatShortDay } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { query } from '../lib/query.ts'
import { Button } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { LoadMore } from '../ui/pagination.tsx'
import { Select } from '../ui/select.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { titleOf, toShown } from './figures.ts'
import { LineChart, PointsTable } from './line-chart.tsx'
import { StoryItem } from './story-item.tsx'

/** What the story is narrowed to, as the address has it. */
export interface StoryFilter {
  readonly kind?: StoryKind | undefined
  readonly agent?: string | undefined
  /** The series of the chart, by its title. */
  readonly metric?: string | undefined
}

interface StoryTabProps {
  readonly node: Node
  readonly filter: StoryFilter
  readonly onFilter: (changed: StoryFilter) => void
}

const kinds = ['execution', 'change', 'finding', 'approval', 'audit'] as const satisfies StoryKind[]
const pageSize = 50

/** Filed under executions: a run that ends is what most of it tells of. */
const storyQuery = (id: NodeId, { kind, agent }: StoryFilter) =>
  infiniteQueryOptions({
    queryKey: ['executions', 'story', { id, kind, agent }] as const,
    queryFn: ({ pageParam, signal }) =>
      api.story.ofNode(
        {
          params: { id },
          query: { kind, agentId: agent as AgentId | undefined, cursor: pageParam, limit: pageSize },
        },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  })

/** What happened to a node: its figures over time, and below them everything in one order. */
export function StoryTab({ node, filter, onFilter }: StoryTabProps) {
  return (
    <div className="grid gap-4">
      <FiguresCard node={node} metric={filter.metric} onMetric={(metric) => onFilter({ metric })} />
      <Timeline node={node} filter={filter} onFilter={onFilter} />
    </div>
  )
}

interface FiguresCardProps {
  readonly node: Node
  readonly metric: string | undefined
  readonly onMetric: (metric: string) => void
}

function FiguresCard({ node: { id }, metric, onMetric }: FiguresCardProps) {
  const t = useMessages('nodes').story
  const names = useMessages('nodes').detail.metricNames
  const [isTable, setTable] = useState(false)
  const history = useQuery(query(['metrics', 'history'], api.metrics.history, { params: { id }, query: {} }))
  const series = toShown(history.data?.items ?? [])
  const chosen = series.find((one) => titleOf(one) === metric) ?? series[0]
  if (history.isError)
    return <ErrorPanel error={history.error} isCompact onRetry={() => void history.refetch()} />
  // A node that nobody measured has no figures, and its story says so by itself.
  if (history.data && !chosen) return null
  return (
    <Card aria-label={t.figures}>
      <CardHeader
        actions={
          chosen && (
            <>
              <Select
                aria-label={t.figure}
                value={titleOf(chosen)}
                onChange={(event) => onMetric(event.target.value)}
                className="w-56 max-sm:w-full"
              >
                {series.map((one) => (
                  <option key={titleOf(one)} value={titleOf(one)}>
                    {[names[one.name] ?? one.name, ...Object.values(one.labels)].join(' ')}
                  </option>
                ))}
              </Select>
              <Button size="sm" variant="ghost" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
                {isTable ? t.asChart : t.asTable}
              </Button>
            </>
          )
        }
      >
        <CardTitle>{t.figures}</CardTitle>
      </CardHeader>
      <CardContent>
        {!chosen ? (
          <SkeletonRows rows={4} />
        ) : isTable ? (
          <PointsTable series={chosen} />
        ) : (
          <LineChart series={chosen} />
        )}
      </CardContent>
    </Card>
  )
}

function Timeline({ node, filter, onFilter }: StoryTabProps) {
  const t = useMessages('nodes').story
  const mayAudit = useCan('audit.read')
  const agents = useQuery(agentsQuery)
  const list = useInfiniteQuery(storyQuery(node.id, filter))
  const events = list.data?.pages.flatMap(({ items }) => items) ?? []
  const days = [...Map.groupBy(events, ({ at }) => formatShortDay(new Date(at)))]
  const isNarrowed = Boolean(filter.kind ?? filter.agent)
  return (
    <section aria-label={t.timeline}>
      <div
        role="group"
        aria-label={t.filters}
        className="mb-3 grid gap-2 sm:flex sm:flex-wrap sm:[&>span]:w-52"
      >
        <Select
          aria-label={t.kind}
          value={filter.kind ?? ''}
          onChange={(event) => onFilter({ kind: kinds.find((one) => one === event.target.value) })}
        >
          <option value="">{t.everything}</option>
          {kinds
            .filter((one) => one !== 'audit' || mayAudit)
            .map((one) => (
              <option key={one} value={one}>
                {t.kinds[one]}
              </option>
            ))}
        </Select>
        <Select
          aria-label={t.agent}
          value={filter.agent ?? ''}
          onChange={(event) => onFilter({ agent: event.target.value || undefined })}
        >
          <option value="">{t.anyAgent}</option>
          {(agents.data?.items ?? []).map(({ manifest: { id, title } }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </Select>
        {isNarrowed && (
          <Button variant="ghost" onClick={() => onFilter({ kind: undefined, agent: undefined })}>
            <FilterX aria-hidden />
            {t.clear}
          </Button>
        )}
      </div>
      {list.isError && <ErrorPanel error={list.error} onRetry={() => void list.refetch()} className="mb-3" />}
      <Card aria-busy={list.isPlaceholderData}>
        {list.isPending && <SkeletonRows rows={8} />}
        {list.data && events.length === 0 && (
          <EmptyState icon={History} title={t.emptyTitle} text={isNarrowed ? t.emptyNarrowed : t.emptyText} />
        )}
        {days.map(([day, ofDay]) => (
          <section key={day} aria-label={day}>
            <h3 className="border-b border-border bg-muted/40 px-4 py-1.5 text-sm font-medium text-muted-foreground">
              {day}
            </h3>
            <ol className="relative px-4 py-2">
              {ofDay.map((event, place) => (
                <StoryItem key={`${event.kind} ${event.at} ${place}`} event={event} />
              ))}
            </ol>
          </section>
        ))}
        {events.length > 0 && (
          <LoadMore
            hasMore={list.hasNextPage}
            isLoading={list.isFetchingNextPage}
            onLoadMore={() => void list.fetchNextPage()}
          />
        )}
      </Card>
    </section>
  )
}
