import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Clock, Inbox } from 'lucide-react'
import { useState } from 'react'
import type { Delivery, DeliveryState } from '../../../contract/notifications.ts'
import { api } from '../../lib/api.ts'
import { formatTime } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { Select } from '../../ui/select.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../../ui/table.tsx'
import { tellFailure, tellSuccess } from '../../ui/toaster.tsx'
import type { Tone } from '../../ui/tone.ts'

const states = ['waiting', 'sent', 'failed', 'handed-over'] as const satisfies readonly DeliveryState[]
const tones: Readonly<Record<DeliveryState, Tone>> = {
  waiting: 'wait',
  sent: 'ok',
  failed: 'fail',
  'handed-over': 'missed',
}
/** There is no hint of the live socket for messages: they change seldom, and only this page shows them. */
const lookEveryMs = 5_000

/** What was sent, what waits, and what came to nothing. */
export function Deliveries({ mayChange }: { readonly mayChange: boolean }) {
  const t = useMessages('notifications')
  const queries = useQueryClient()
  const [state, setState] = useState<DeliveryState | undefined>(undefined)
  const list = useInfiniteQuery({
    queryKey: ['notifications', 'deliveries', state],
    queryFn: ({ pageParam, signal }) =>
      api.notifications.deliveries({ query: { limit: 20, cursor: pageParam, state } }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    refetchInterval: lookEveryMs,
  })
  const again = useMutation({
    mutationFn: ({ id }: Delivery) => api.notifications.sendAgain({ params: { id }, body: {} }),
    onSuccess: () => tellSuccess(t.sentAgain),
    onError: tellFailure,
    onSettled: () => queries.invalidateQueries({ queryKey: ['notifications'] }),
  })
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  const held = list.data?.pages[0]?.held ?? []
  return (
    <Card>
      <CardHeader
        actions={
          <Select
            aria-label={t.filter}
            value={state ?? ''}
            onChange={({ target }) => setState(states.find((one) => one === target.value))}
          >
            <option value="">{t.all}</option>
            {states.map((one) => (
              <option key={one} value={one}>
                {t.states[one]}
              </option>
            ))}
          </Select>
        }
      >
        <CardTitle>{t.log}</CardTitle>
        <p className="text-sm text-muted-foreground">{t.logText}</p>
      </CardHeader>
      {list.isPending && <SkeletonRows rows={4} />}
      {list.isError && <ErrorPanel error={list.error} onRetry={() => void list.refetch()} className="m-4" />}
      {held.length > 0 && (
        <CardContent className="space-y-1.5 pt-1 pb-3 text-sm">
          {held.map(({ channelId, channelName, notices, dueAt, why }) => (
            <p key={`${channelId} ${why}`} className="flex gap-2">
              <Clock aria-hidden className="mt-0.5 size-4 shrink-0 text-muted-foreground" />
              <span className="min-w-0">
                <span className="font-medium foreign">{t.held(notices, channelName)}</span>{' '}
                <span className="text-muted-foreground">
                  {t.why[why]} {formatTime(dueAt)}
                </span>
              </span>
            </p>
          ))}
        </CardContent>
      )}
      {list.isSuccess && items.length === 0 && (
        <EmptyState icon={Inbox} title={t.noMessages} text={t.noMessagesText} />
      )}
      {items.length > 0 && (
        <Table label={t.log} stack="wide">
          <TableHead>
            <Th>{t.message}</Th>
            <Th>{t.channel}</Th>
            <Th>{t.state}</Th>
            <Th>{t.when}</Th>
            <Th>
              <span className="sr-only">{t.actions}</span>
            </Th>
          </TableHead>
          <TableBody>
            {items.map((item) => (
              <Row key={item.id}>
                <Td className="font-medium">
                  <span className="block py-1.5">
                    <span className="block max-w-prose wrap-anywhere foreign">{item.title}</span>
                    {item.problem && item.state !== 'sent' && (
                      <span className="block text-sm font-normal text-muted-foreground foreign">
                        {item.problem.detail}
                      </span>
                    )}
                  </span>
                </Td>
                <Td label={t.channel}>
                  <span className="foreign">{item.channelName}</span>
                </Td>
                <Td label={t.state}>
                  <StateOf delivery={item} />
                </Td>
                <Td label={t.when}>
                  <RelativeTime at={item.sentAt ?? item.at} />
                </Td>
                <Td align="right" className={mayChange ? undefined : 'stacked:hidden'}>
                  {mayChange && (
                    <Button
                      size="sm"
                      variant="secondary"
                      aria-label={(item.state === 'waiting' ? t.sendNowThis : t.sendAgainThis)(item.title)}
                      isLoading={again.isPending && again.variables.id === item.id}
                      onClick={() => again.mutate(item)}
                    >
                      {item.state === 'waiting' ? t.sendNow : t.sendAgain}
                    </Button>
                  )}
                </Td>
              </Row>
            ))}
          </TableBody>
        </Table>
      )}
      {list.hasNextPage && (
        <CardContent className="flex justify-center py-3">
          <Button
            size="sm"
            variant="ghost"
            isLoading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            {t.more}
          </Button>
        </CardContent>
      )}
    </Card>
  )
}

function StateOf({ delivery: { state, attempts, nextAt, insteadOf } }: { readonly delivery: Delivery }) {
  const t = useMessages('notifications')
  return (
    <span className="inline-flex flex-wrap items-center justify-end gap-1.5 md:justify-start">
      <Badge tone={tones[state]}>{t.states[state]}</Badge>
      {insteadOf && <Badge>{t.standIn}</Badge>}
      {attempts > 1 && (
        <span className="text-sm text-muted-foreground">
          {t.attempts}: {attempts}
        </span>
      )}
      {state === 'waiting' && attempts > 0 && nextAt && (
        <span className="text-sm text-muted-foreground">
          {t.next}: {formatTime(nextAt)}
        </span>
      )}
    </span>
  )
}
