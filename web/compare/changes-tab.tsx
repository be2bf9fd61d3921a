import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck } from 'lucide-react'
import type { NodeId } from '../../contract/ids.ts'
import type { FleetChange } from '../../contract/story.ts'
import { useAgentTitle } from '../executions/list-queries.ts'
import { NodeFilter } from '../executions/node-filter.tsx'
import { useMessages } from '../lib/messages.ts'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { LoadMore } from '../ui/pagination.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SampleBadge } from '../ui/sample-badge.tsx'
import { Select } from '../ui/select.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import type { CompareProps } from './page.tsx'
import { changesQuery } from './queries.ts'

const spans = ['1', '3', '7', '30'] as const
/** Changes of one run that are told at once; its report has all. */
const shownOfOne = 8

/** What changed anywhere since a moment. */
export function ChangesTab({ compared: { since = '1', node }, onCompare }: CompareProps) {
  const t = useMessages('compare').changes
  const list = useInfiniteQuery(changesQuery(Number(since), node))
  const found = list.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <>
      <div
        role="group"
        aria-label={t.filters}
        className="mb-3 grid gap-2 sm:grid-cols-2 md:flex md:[&>*]:w-56"
      >
        <Select
          aria-label={t.since}
          value={since}
          onChange={(event) => onCompare({ since: spans.find((one) => one === event.target.value) })}
        >
          {spans.map((one) => (
            <option key={one} value={one}>
              {t.spans[one]}
            </option>
          ))}
        </Select>
        <NodeFilter value={node as NodeId | undefined} onChange={(id) => onCompare({ node: id })} />
      </div>
      {list.isError && <ErrorPanel error={list.error} onRetry={() => void list.refetch()} className="mb-3" />}
      <Card aria-label={t.list}>
        {list.isPending && <SkeletonRows rows={6} />}
        {list.data && found.length === 0 && (
          <EmptyState icon={CircleCheck} title={t.emptyTitle} text={t.emptyText} guide="whole-house" />
        )}
        {found.length > 0 && (
          <>
            <ul className="divide-y divide-border">
              {found.map((one) => (
                <ChangedNode key={one.executionId} change={one} />
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
    </>
  )
}

function ChangedNode({
  change: { nodeId, nodeName, agentId, executionId, at, changes },
}: {
  readonly change: FleetChange
}) {
  const t = useMessages('compare').changes
  const titleOf = useAgentTitle()
  const more = changes.length - shownOfOne
  return (
    <li className="grid gap-x-6 gap-y-1 px-4 py-3 md:grid-cols-[13rem_minmax(0,1fr)]">
      <div className="min-w-0">
        <Link to="/nodes/$id" params={{ id: nodeId }} className="font-medium hover:underline foreign">
          {nodeName}
        </Link>{' '}
        <SampleBadge id={nodeId} />
        <p className="text-sm text-muted-foreground">
          <Link
            to="/executions/$id"
            params={{ id: executionId }}
            className="underline underline-offset-4 hover:text-foreground"
          >
            {titleOf(agentId)}
          </Link>{' '}
          · <RelativeTime at={at} />
        </p>
      </div>
      <ul className="space-y-1">
        {changes.slice(0, shownOfOne).map(({ path, text }, place) => (
          <li key={`${path} ${place}`} className="text-pretty foreign">
            {text}
          </li>
        ))}
        {more > 0 && (
          <li className="text-sm text-muted-foreground">
            <Link
              to="/executions/$id"
              params={{ id: executionId }}
              hash="changes"
              className="underline underline-offset-4 hover:text-foreground"
            >
              {t.more(more)}
            </Link>
          </li>
        )}
      </ul>
    </li>
  )
}
