import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useMessages } from '../lib/messages.ts'
import { Button } from './button.tsx'

interface PaginationProps {
  /** Left out when there is no such page. */
  readonly onNewer?: (() => void) | undefined
  readonly onOlder?: (() => void) | undefined
  readonly isLoading?: boolean
}

/** Newer and older, for lists that are read by cursor. Draws nothing when all fits on one page. */
export function Pagination({ onNewer, onOlder, isLoading = false }: PaginationProps) {
  const t = useMessages('ui')
  if (!onNewer && !onOlder) return null
  return (
    <nav
      aria-label={t.pagination.label}
      className="flex justify-between gap-2 border-t border-border px-4 py-2.5"
    >
      <Button size="sm" variant="secondary" disabled={!onNewer || isLoading} onClick={onNewer}>
        <ChevronLeft aria-hidden />
        {t.pagination.newer}
      </Button>
      <Button size="sm" variant="secondary" disabled={!onOlder || isLoading} onClick={onOlder}>
        {t.pagination.older}
        <ChevronRight aria-hidden />
      </Button>
    </nav>
  )
}

interface LoadMoreProps {
  readonly hasMore: boolean
  readonly isLoading: boolean
  readonly onLoadMore: () => void
}

/** More of the same below. */
export function LoadMore({ hasMore, isLoading, onLoadMore }: LoadMoreProps) {
  const t = useMessages('ui')
  return (
    <div className="border-t border-border px-4 py-3 text-center text-sm text-muted-foreground">
      {hasMore ? (
        <Button size="sm" variant="secondary" isLoading={isLoading} onClick={onLoadMore}>
          {t.pagination.loadMore}
        </Button>
      ) : (
        t.pagination.end
      )}
    </div>
  )
}
