import { useMutation, useQueryClient } from '@tanstack/react-query'
import { BellPlus, Plus } from 'lucide-react'
import { useState } from 'react'
import type { Channel } from '../../../contract/notifications.ts'
import { api } from '../../lib/api.ts'
import { formatNumber } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../../ui/card.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../../ui/table.tsx'
import { tellFailure, tellSuccess } from '../../ui/toaster.tsx'
import { notificationsQuery } from '../queries.ts'
import { ChannelDialog } from './channel-dialog.tsx'
import { TrialProblem } from './trial-problem.tsx'

interface ChannelListProps {
  readonly channels: readonly Channel[]
  readonly browsers: number
  readonly mayChange: boolean
}

/** Where messages go, how that went last, and a test of it. */
export function ChannelList({ channels, browsers, mayChange }: ChannelListProps) {
  const t = useMessages('notifications')
  const queries = useQueryClient()
  /** The one in the dialog; `null` for a new one. */
  const [open, setOpen] = useState<Channel | null | undefined>(undefined)
  const [asked, setAsked] = useState<Channel | null>(null)
  const refresh = () => queries.invalidateQueries({ queryKey: notificationsQuery.queryKey })
  const test = useMutation({
    mutationFn: ({ id }: Channel) => api.notifications.testChannel({ params: { id }, body: {} }),
    onSuccess: ({ isSent, durationMs }) => {
      if (isSent) tellSuccess(t.tested(formatNumber(durationMs)))
    },
    onError: tellFailure,
    onSettled: refresh,
  })
  const remove = useMutation({
    mutationFn: ({ id }: Channel) => api.notifications.removeChannel({ params: { id } }),
    onSuccess: () => {
      setAsked(null)
      tellSuccess(t.removed)
    },
    onSettled: refresh,
  })
  const add = mayChange && (
    <Button variant="primary" onClick={() => setOpen(null)}>
      <Plus aria-hidden />
      {t.add}
    </Button>
  )
  return (
    <Card>
      <CardHeader actions={channels.length > 0 && add}>
        <CardTitle>{t.channels}</CardTitle>
        <p className="text-sm text-muted-foreground">{t.channelsText}</p>
      </CardHeader>
      {channels.length === 0 && (
        <EmptyState
          icon={BellPlus}
          title={t.none}
          text={t.noneText}
          guide="notifications"
          action={add || undefined}
        />
      )}
      {channels.length > 0 && (
        <Table label={t.channels} stack="wide">
          <TableHead>
            <Th>{t.name}</Th>
            <Th>{t.kind}</Th>
            <Th>{t.place}</Th>
            <Th>{t.state}</Th>
            <Th>{t.lastSent}</Th>
            <Th>
              <span className="sr-only">{t.actions}</span>
            </Th>
          </TableHead>
          <TableBody>
            {channels.map((channel) => (
              <Row key={channel.id}>
                <Td className="font-medium md:min-w-40">
                  <span className="foreign">{channel.name}</span>
                </Td>
                <Td label={t.kind}>{t.kinds[channel.settings.kind].title}</Td>
                <Td label={t.place}>
                  {channel.settings.kind === 'web-push' ? (
                    t.browsers(browsers)
                  ) : (
                    <span className="font-mono text-sm wrap-anywhere foreign md:inline-block md:min-w-32">
                      {channel.place ?? '–'}
                    </span>
                  )}
                </Td>
                <Td label={t.state}>
                  <ChannelState channel={channel} />
                </Td>
                <Td label={t.lastSent}>
                  {channel.lastSentAt ? <RelativeTime at={channel.lastSentAt} /> : '–'}
                </Td>
                <Td align="right" className={mayChange ? undefined : 'stacked:hidden'}>
                  {mayChange && (
                    <span className="inline-flex flex-wrap justify-end gap-2 py-1.5 md:flex-nowrap">
                      <Button
                        size="sm"
                        variant="secondary"
                        aria-label={t.testThis(channel.name)}
                        isLoading={test.isPending && test.variables.id === channel.id}
                        onClick={() => test.mutate(channel)}
                      >
                        {t.test}
                      </Button>
                      <Button
                        size="sm"
                        variant="secondary"
                        aria-label={t.changeThis(channel.name)}
                        onClick={() => setOpen(channel)}
                      >
                        {t.change}
                      </Button>
                      <Button
                        size="sm"
                        variant="secondary"
                        aria-label={t.removeThis(channel.name)}
                        onClick={() => setAsked(channel)}
                      >
                        {t.remove}
                      </Button>
                    </span>
                  )}
                </Td>
              </Row>
            ))}
          </TableBody>
        </Table>
      )}
      {channels.some(({ lastProblem }) => lastProblem !== null) && (
        <CardContent className="space-y-2 border-t border-border pt-3">
          {channels.map(
            ({ id, name, lastProblem }) =>
              lastProblem && (
                <div key={id} className="flex flex-wrap gap-x-2 text-sm">
                  <span className="font-medium foreign">{name}</span>
                  <TrialProblem problem={lastProblem} />
                </div>
              ),
          )}
        </CardContent>
      )}
      {open !== undefined && (
        <ChannelDialog
          key={open?.id ?? 'new'}
          channel={open}
          others={channels.filter(({ id }) => id !== open?.id)}
          onClose={() => setOpen(undefined)}
        />
      )}
      <ConfirmDialog
        open={asked !== null}
        onOpenChange={(isOpen) => !isOpen && setAsked(null)}
        title={t.removeTitle(asked?.name ?? '')}
        description={t.removeText}
        confirmLabel={t.remove}
        isPending={remove.isPending}
        error={remove.error}
        onConfirm={() => asked && remove.mutate(asked)}
      />
    </Card>
  )
}

function ChannelState({
  channel: { enabled, lastProblem, lastSentAt, waiting },
}: {
  readonly channel: Channel
}) {
  const t = useMessages('notifications')
  return (
    <span className="inline-flex flex-wrap items-center gap-1.5">
      {!enabled ? (
        <Badge>{t.off}</Badge>
      ) : lastProblem ? (
        <Badge tone="fail">{t.failing}</Badge>
      ) : lastSentAt ? (
        <Badge tone="ok">{t.ok}</Badge>
      ) : (
        <Badge>{t.untried}</Badge>
      )}
      {waiting > 0 && <span className="text-sm text-muted-foreground">{t.waits(waiting)}</span>}
    </span>
  )
}
