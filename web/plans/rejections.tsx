import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Ban, RotateCcw } from 'lucide-react'
import type { Action, Rejection } from '../../contract/plans.ts'
import { useCan } from '../account/use-session.ts'
import { api } from '../lib/api.ts'
import { formatDay } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card, CardHeader, CardTitle } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { LoadMore } from '../ui/pagination.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { tellFailure, tellSuccess } from '../ui/toaster.tsx'
import { rejectionsQuery } from './queries.ts'

/** Who said no to a change, why, and until when it is not asked again; with the way back. */
export function Remembered({ rejection }: { readonly rejection: NonNullable<Action['rejection']> }) {
  const t = useMessages('plans')
  const { by, why, until } = rejection
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-2 rounded-md bg-muted px-3 py-2 text-sm">
      <p className="min-w-0 flex-1 basis-56 text-pretty foreign">
        {why === '' ? t.rejectedBy(by) : t.rejectedBecause(by, why)}{' '}
        {until === null ? t.notAskedEver : t.notAskedUntil(formatDay(until.slice(0, 10)))}
      </p>
      <TakeBack id={rejection.id} />
    </div>
  )
}

function TakeBack({ id }: Pick<Rejection, 'id'>) {
  const t = useMessages('plans')
  const queries = useQueryClient()
  const mayDecide = useCan('plan.approve')
  const takeBack = useMutation({
    mutationFn: () => api.rejections.takeBack({ params: { id } }),
    onSuccess: () => tellSuccess(t.askAgainToast),
    onError: tellFailure,
    // Somebody else may have taken it back meanwhile: show how it stands now.
    onSettled: () => queries.invalidateQueries({ queryKey: ['plans'] }),
  })
  if (!mayDecide) return null
  return (
    <Button size="sm" variant="secondary" isLoading={takeBack.isPending} onClick={() => takeBack.mutate()}>
      <RotateCcw aria-hidden />
      {t.askAgain}
    </Button>
  )
}

/** Every rejection that is remembered, on all nodes. */
export function RejectionList() {
  const t = useMessages('plans')
  const list = useInfiniteQuery(rejectionsQuery)
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Card aria-label={t.rejectionsTitle} className="max-w-4xl">
      <CardHeader>
        <CardTitle>{t.rejectionsTitle}</CardTitle>
        <p className="text-sm text-muted-foreground text-pretty">{t.rejectionsText}</p>
      </CardHeader>
      {list.isPending ? (
        <SkeletonRows rows={3} />
      ) : list.isError && items.length === 0 ? (
        <div className="px-4 pb-4">
          <ErrorPanel error={list.error} onRetry={() => void list.refetch()} isCompact />
        </div>
      ) : items.length === 0 ? (
        <EmptyState icon={Ban} title={t.rejectionsNone} text={t.rejectionsNoneText} guide="approve-changes" />
      ) : (
        <ul className="divide-y divide-border border-t border-border">
          {items.map((rejection) => (
            <Item key={rejection.id} rejection={rejection} />
          ))}
        </ul>
      )}
      <LoadMore
        hasMore={list.hasNextPage}
        isLoading={list.isFetchingNextPage}
        onLoadMore={() => void list.fetchNextPage()}
      />
    </Card>
  )
}

function Item({ rejection }: { readonly rejection: Rejection }) {
  const { title, nodeId, nodeName, at } = rejection
  return (
    <li className="space-y-2 px-4 py-3.5">
      <h3 className="font-medium foreign">{title}</h3>
      <p className="flex flex-wrap gap-x-3 text-sm text-muted-foreground">
        <Link to="/nodes/$id" params={{ id: nodeId }} className="underline underline-offset-4 foreign">
          {nodeName}
        </Link>
        <RelativeTime at={at} />
      </p>
      <Remembered rejection={rejection} />
    </li>
  )
}
