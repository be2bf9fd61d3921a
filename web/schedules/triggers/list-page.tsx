import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CalendarClock, Plus, Zap } from 'lucide-react'
import type { Trigger } from '../../../contract/triggers.ts'
import { useCan } from '../../account/use-session.ts'
import { useAgentTitle } from '../../executions/list-queries.ts'
import { useBreadcrumb } from '../../lib/breadcrumb.ts'
import { useMessages } from '../../lib/messages.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../../ui/table.tsx'
import { FiringBadge } from './firing-badge.tsx'
import { triggersQuery } from './queries.ts'
import { useWhen } from './words.ts'

/** Everything that starts when something happens. */
export function TriggersPage() {
  const t = useMessages('triggers')
  const mayWrite = useCan('schedule.write')
  const list = useQuery(triggersQuery)
  useBreadcrumb(t.title)
  const create = mayWrite && (
    <Button asChild>
      <Link to="/schedules/triggers/new">
        <Plus aria-hidden />
        {t.create}
      </Link>
    </Button>
  )
  return (
    <>
      <PageHeader
        title={t.title}
        subtitle={t.subtitle}
        actions={
          <>
            <Button asChild variant="secondary">
              <Link to="/schedules">
                <CalendarClock aria-hidden />
                {t.schedules}
              </Link>
            </Button>
            {create}
          </>
        }
      />
      {list.isPending ? (
        <Card>
          <SkeletonRows rows={4} />
        </Card>
      ) : list.isError && !list.data ? (
        <ErrorPanel error={list.error} onRetry={() => void list.refetch()} isRetrying={list.isFetching} />
      ) : (
        <Card aria-label={t.title}>
          {list.data && list.data.items.length > 0 ? (
            <TriggerTable triggers={list.data.items} />
          ) : (
            <EmptyState icon={Zap} title={t.emptyTitle} text={t.emptyText} guide="triggers" action={create} />
          )}
        </Card>
      )}
    </>
  )
}

function TriggerTable({ triggers }: { readonly triggers: readonly Trigger[] }) {
  const t = useMessages('triggers')
  const titleOf = useAgentTitle()
  const whenOf = useWhen()
  return (
    <Table label={t.title} stack className="table-fixed stacked:table-auto">
      <TableHead>
        <Th>{t.name}</Th>
        <Th className="hidden w-56 lg:table-cell">{t.starts}</Th>
        <Th className="w-40">{t.lastFired}</Th>
        <Th className="w-56">{t.lastOccasion}</Th>
      </TableHead>
      <TableBody>
        {triggers.map((trigger) => {
          const { id, name, agentId, targets, paused, last, lastStarted } = trigger
          return (
            <Row key={id} className="relative">
              <Td className="py-2">
                <span className="block min-w-0">
                  <span className="flex min-w-0 items-center gap-2">
                    <Link
                      to="/schedules/triggers/$id"
                      params={{ id }}
                      className="block min-w-0 truncate font-medium after:absolute after:inset-0 focus-visible:-outline-offset-2"
                    >
                      <bdi className="foreign">{name}</bdi>
                    </Link>
                    {paused && <Badge>{t.paused}</Badge>}
                  </span>
                  <span className="block text-sm text-muted-foreground text-pretty">{whenOf(trigger)}</span>
                </span>
              </Td>
              <Td className="hidden lg:table-cell stacked:hidden!">
                <span className="block truncate foreign">{titleOf(agentId)}</span>
                <span className="block text-sm text-muted-foreground text-pretty">
                  {targets ? <bdi className="foreign">{targets.join(', ')}</bdi> : t.sameNode}
                </span>
              </Td>
              <Td label={t.lastFired}>
                {lastStarted ? (
                  <RelativeTime at={lastStarted.at} plain />
                ) : (
                  <span className="text-muted-foreground">{t.never}</span>
                )}
              </Td>
              <Td label={t.lastOccasion}>
                {/* One block: on a phone the parts of a cell stand beside each other. */}
                <span className="block min-w-0 stacked:text-end">
                  {last ? <FiringBadge state={last.state} /> : '–'}
                  {last?.state === 'refused' && last.detail !== null && (
                    <span className="block text-sm text-pretty text-muted-foreground foreign">
                      {last.detail}
                    </span>
                  )}
                </span>
              </Td>
            </Row>
          )
        })}
      </TableBody>
    </Table>
  )
}
