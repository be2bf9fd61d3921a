import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Pagination } from '../ui/pagination.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'

interface HistoryCardProps<Item> {
  readonly title: string
  readonly list: UseQueryResult<{ readonly items: readonly Item[]; readonly nextCursor: string | null }>
  /** Where the page begins that is shown; undefined for the newest. */
  readonly cursor: string | undefined
  readonly onCursor: (cursor: string | undefined) => void
  readonly empty: ReactNode
  /** What stands between the title and the list. */
  readonly above?: ReactNode
  readonly children: (item: Item) => ReactNode
}

/** What became of one thing, newest first, page by page. */
export function HistoryCard<Item>(props: HistoryCardProps<Item>) {
  const { title, list, cursor, onCursor, empty, above, children } = props
  const items = list.data?.items ?? []
  return (
    <Card aria-label={title}>
      <CardHeader>
        <CardTitle>{title}</CardTitle>
      </CardHeader>
      {above}
      {list.isPending ? (
        <SkeletonRows rows={5} />
      ) : list.isError ? (
        <CardContent>
          <ErrorPanel error={list.error} onRetry={() => void list.refetch()} isCompact />
        </CardContent>
      ) : items.length === 0 ? (
        empty
      ) : (
        <ul className="divide-y divide-border border-t border-border">{items.map(children)}</ul>
      )}
      <Pagination
        onNewer={cursor ? () => onCursor(undefined) : undefined}
        onOlder={list.data?.nextCursor ? () => onCursor(list.data?.nextCursor ?? undefined) : undefined}
        isLoading={list.isFetching}
      />
    </Card>
  )
}
