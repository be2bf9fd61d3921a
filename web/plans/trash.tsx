import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { History, Trash2, Undo2 } from 'lucide-react'
import { useState } from 'react'
import type { Trashed } from '../../contract/plans.ts'
import { useCan } from '../account/use-session.ts'
import { api } from '../lib/api.ts'
import { formatBytes } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Card, CardHeader, CardTitle } from '../ui/card.tsx'
import { Switch } from '../ui/checkbox.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { LoadMore } from '../ui/pagination.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'
import { tellSuccess } from '../ui/toaster.tsx'
import { ObjectHistory } from './object-history.tsx'
import { trashQuery } from './queries.ts'

/** What was set aside on nodes and can come back. */
export function TrashList() {
  const t = useMessages('plans')
  const [isAll, setAll] = useState(false)
  const trash = useInfiniteQuery(trashQuery(!isAll))
  const items = trash.data?.pages.flatMap((page) => page.items) ?? []
  const { bytes = 0, maxBytesPerNode = 0 } = trash.data?.pages[0] ?? {}
  return (
    <Card aria-label={t.trashTitle}>
      <CardHeader
        actions={
          <Switch label={t.trashAll} checked={isAll} onChange={(event) => setAll(event.target.checked)} />
        }
      >
        <CardTitle>{t.trashTitle}</CardTitle>
        <p className="text-sm text-muted-foreground text-pretty">
          {t.trashText} {bytes > 0 && t.trashRoom(formatBytes(bytes), formatBytes(maxBytesPerNode))}
        </p>
      </CardHeader>
      {trash.isPending ? (
        <SkeletonRows rows={4} />
      ) : trash.isError && items.length === 0 ? (
        <div className="px-4 pb-4">
          <ErrorPanel error={trash.error} onRetry={() => void trash.refetch()} isCompact />
        </div>
      ) : items.length === 0 ? (
        <EmptyState icon={Trash2} title={t.trashEmptyTitle} text={t.trashEmptyText} guide="approve-changes" />
      ) : (
        <>
          <Table label={t.trashCaption} stack="wide">
            <TableHead>
              <Th>{t.thing}</Th>
              <Th>{t.node}</Th>
              <Th>{t.removed}</Th>
              <Th>{t.keptUntil}</Th>
              <Th align="right">{t.size}</Th>
              <Th align="right">{t.actions}</Th>
            </TableHead>
            <TableBody>
              {items.map((entry) => (
                <Entry key={entry.id} entry={entry} />
              ))}
            </TableBody>
          </Table>
          <LoadMore
            hasMore={trash.hasNextPage}
            isLoading={trash.isFetchingNextPage}
            onLoadMore={() => void trash.fetchNextPage()}
          />
        </>
      )}
    </Card>
  )
}

function Entry({ entry }: { readonly entry: Trashed }) {
  const t = useMessages('plans')
  const { title, object, nodeId, nodeName, removedAt, until, bytes, state } = entry
  const [showsHistory, setShowsHistory] = useState(false)
  return (
    <Row>
      <Td>
        <div className="min-w-0">
          <span className="block max-w-96 font-medium foreign">{title}</span>
          <span className="block max-w-96 truncate text-sm text-muted-foreground foreign" title={object}>
            {object}
          </span>
          <button
            type="button"
            onClick={() => setShowsHistory(true)}
            className="inline-flex min-h-6 items-center gap-1.5 rounded-xs text-sm text-muted-foreground underline-offset-4 hover:text-foreground hover:underline pointer-coarse:min-h-11"
          >
            <History aria-hidden className="size-3.5" />
            {t.history}
          </button>
        </div>
        {showsHistory && (
          <ObjectHistory nodeId={nodeId} object={object} onClose={() => setShowsHistory(false)} />
        )}
      </Td>
      <Td label={t.node}>
        <Link
          to="/nodes/$id"
          params={{ id: nodeId }}
          className="block max-w-64 truncate underline underline-offset-4 foreign"
        >
          {nodeName}
        </Link>
      </Td>
      <Td label={t.removed}>
        <RelativeTime at={removedAt} />
      </Td>
      <Td label={t.keptUntil}>{until === null ? t.noEnd : <RelativeTime at={until} />}</Td>
      <Td label={t.size} align="right">
        {bytes > 0 ? formatBytes(bytes) : '–'}
      </Td>
      <Td align="right">
        {state === 'kept' ? (
          <Restore entry={entry} />
        ) : (
          <Badge {...(state === 'restoring' && { tone: 'run' })}>{t.trashStates[state]}</Badge>
        )}
      </Td>
    </Row>
  )
}

function Restore({ entry }: { readonly entry: Trashed }) {
  const t = useMessages('plans')
  const queries = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const mayRestore = useCan('plan.approve')
  const restore = useMutation({
    mutationFn: () => api.trash.restore({ params: { id: entry.id } }),
    onSuccess: async () => {
      tellSuccess(t.restoreToast)
      setOpen(false)
      await queries.invalidateQueries({ queryKey: ['plans'] })
    },
    onError: () => void queries.invalidateQueries({ queryKey: ['plans'] }),
  })
  if (!mayRestore) return null
  return (
    <>
      <Button size="sm" variant="secondary" onClick={() => setOpen(true)}>
        <Undo2 aria-hidden />
        {t.restore}
      </Button>
      <ConfirmDialog
        open={isOpen}
        onOpenChange={setOpen}
        variant="approve"
        title={<span className="break-all foreign">{t.restoreTitle(entry.object)}</span>}
        description={t.restoreText}
        confirmLabel={t.restore}
        isPending={restore.isPending}
        error={restore.error}
        onConfirm={() => restore.mutate()}
      />
    </>
  )
}
