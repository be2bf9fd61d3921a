import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { CalendarClock, CalendarDays, Plus, SearchX, Zap } from 'lucide-react'
import type { ScheduleId } from '../../contract/ids.ts'
import type { Schedule } from '../../contract/schedules.ts'
import { useCan } from '../account/use-session.ts'
import { useAgentTitle } from '../executions/list-queries.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { Pagination } from '../ui/pagination.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SearchInput } from '../ui/search-input.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'
import { OccurrenceBadge, StandingBadge } from './occurrence-badge.tsx'
import { schedulesQuery } from './queries.ts'
import { TemplateList } from './templates.tsx'
import { useSentence } from './words.ts'

const route = getRouteApi('/inside/schedules')

export function SchedulesPage() {
  const { search, after } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <ScheduleList
      search={search}
      after={after}
      onChange={(changed) =>
        void navigate({ search: (before) => ({ ...before, ...changed }), replace: true })
      }
    />
  )
}

export interface ScheduleListProps {
  readonly search: string | undefined
  /** The name that the page before ended with. */
  readonly after: string | undefined
  readonly onChange: (changed: { search?: string | undefined; after?: string | undefined }) => void
}

/** Everything that runs by itself. */
export function ScheduleList({ search, after, onChange }: ScheduleListProps) {
  const t = useMessages('schedules')
  const mayWrite = useCan('schedule.write')
  const list = useQuery({ ...schedulesQuery(search, after), placeholderData: keepPreviousData })
  const items = list.data?.items ?? []
  const isEmpty = list.isSuccess && items.length === 0 && !search && !after
  return (
    <>
      <PageHeader
        title={t.title}
        subtitle={t.subtitle}
        actions={
          <>
            <Button asChild variant="secondary">
              <Link to="/schedules/calendar">
                <CalendarDays aria-hidden />
                {t.calendar}
              </Link>
            </Button>
            <Button asChild variant="secondary">
              <Link to="/schedules/triggers">
                <Zap aria-hidden />
                {t.triggers}
              </Link>
            </Button>
            {mayWrite && (
              <Button asChild>
                <Link to="/schedules/new">
                  <Plus aria-hidden />
                  {t.create}
                </Link>
              </Button>
            )}
          </>
        }
      />
      {!isEmpty && (
        <SearchInput
          className="mb-3 sm:max-w-72"
          label={t.search}
          value={search ?? ''}
          onChange={(text) => onChange({ search: text || undefined, after: undefined })}
        />
      )}
      {list.isPending ? (
        <Card>
          <SkeletonRows rows={6} />
        </Card>
      ) : list.isError && items.length === 0 ? (
        <ErrorPanel error={list.error} onRetry={() => void list.refetch()} isRetrying={list.isFetching} />
      ) : (
        <Card aria-label={t.title}>
          {items.length > 0 ? (
            <ScheduleTable schedules={items} />
          ) : search ? (
            <EmptyState icon={SearchX} title={t.noneTitle} text={t.noneText} />
          ) : (
            <EmptyState
              icon={CalendarClock}
              title={t.emptyTitle}
              text={t.emptyText}
              guide="schedules"
              action={mayWrite && <TemplateList />}
            />
          )}
          <Pagination
            onNewer={after ? () => onChange({ after: undefined }) : undefined}
            onOlder={
              list.data?.nextCursor
                ? () => onChange({ after: list.data?.nextCursor ?? undefined })
                : undefined
            }
            isLoading={list.isFetching}
          />
        </Card>
      )}
    </>
  )
}

function ScheduleTable({ schedules }: { readonly schedules: readonly Schedule[] }) {
  const t = useMessages('schedules')
  const titleOf = useAgentTitle()
  return (
    <Table label={t.title} stack className="table-fixed stacked:table-auto">
      <TableHead>
        <Th>{t.name}</Th>
        <Th className="hidden w-44 lg:table-cell">{t.agent}</Th>
        <Th className="w-34">{t.next}</Th>
        <Th className="w-44">{t.last}</Th>
        <Th className="w-28">{t.standing}</Th>
      </TableHead>
      <TableBody>
        {schedules.map((schedule) => (
          <ScheduleRow key={schedule.id} schedule={schedule} agent={titleOf(schedule.agentId)} />
        ))}
      </TableBody>
    </Table>
  )
}

function ScheduleRow({ schedule, agent }: { readonly schedule: Schedule; readonly agent: string }) {
  const t = useMessages('schedules')
  const sentence = useSentence()
  const { id, name, nextAt, last, standing, targets } = schedule
  return (
    <Row className="relative">
      <Td className="py-2">
        <span className="block min-w-0">
          <ScheduleLink id={id} name={name} />
          <span className="block text-sm text-muted-foreground text-pretty">
            {sentence(schedule)} · <bdi className="foreign">{targets.join(', ')}</bdi>
          </span>
        </span>
      </Td>
      <Td className="hidden lg:table-cell stacked:hidden!">
        <span className="block truncate foreign">{agent}</span>
      </Td>
      <Td label={t.next}>{nextAt ? <RelativeTime at={nextAt} plain /> : '–'}</Td>
      <Td label={t.last}>
        {last ? (
          <span className="inline-flex items-center gap-2">
            <OccurrenceBadge state={last.state} />
          </span>
        ) : (
          <span className="text-muted-foreground">{t.never}</span>
        )}
      </Td>
      <Td label={t.standing}>
        <StandingBadge standing={standing} />
      </Td>
    </Row>
  )
}

function ScheduleLink({ id, name }: { readonly id: ScheduleId; readonly name: string }) {
  return (
    <Link
      to="/schedules/$id"
      params={{ id }}
      className="block min-w-0 truncate font-medium after:absolute after:inset-0 focus-visible:-outline-offset-2"
    >
      <bdi className="foreign">{name}</bdi>
    </Link>
  )
}
