import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Braces } from 'lucide-react'
import { useId, useState } from 'react'
import type { AgentId } from '../../contract/ids.ts'
import type { NodeFact } from '../../contract/story.ts'
import { agentsQuery } from '../agents/queries.ts'
import { formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { LoadMore } from '../ui/pagination.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SampleBadge } from '../ui/sample-badge.tsx'
import { Select } from '../ui/select.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'
import type { CompareProps } from './page.tsx'
import { acrossQuery, pathsQuery } from './queries.ts'
import { countValues, usualOf } from './sides.ts'

/** One fact of every node side by side; what differs from what most have stands out. */
export function FactsTab({ compared: { agent = 'system-health', path = '' }, onCompare }: CompareProps) {
  const t = useMessages('compare').facts
  const agents = useQuery(agentsQuery)
  const paths = useQuery(pathsQuery(agent as AgentId))
  const list = useInfiniteQuery(acrossQuery(agent as AgentId, path))
  const facts = list.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <>
      <div className="mb-4 grid gap-3 sm:grid-cols-[14rem_minmax(0,28rem)]">
        <Field label={t.agent}>
          <Select
            value={agent}
            onChange={(event) => onCompare({ agent: event.target.value, path: undefined })}
          >
            {(agents.data?.items ?? []).map(({ manifest: { id, title } }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
            {!agents.data && <option value={agent}>{agent}</option>}
          </Select>
        </Field>
        <PathField
          // Another fact that was chosen elsewhere shows at once.
          key={`${agent} ${path}`}
          path={path}
          known={paths.data?.items ?? []}
          onChange={(chosen) => onCompare({ path: chosen || undefined })}
        />
      </div>
      {list.isError && <ErrorPanel error={list.error} onRetry={() => void list.refetch()} className="mb-3" />}
      {path === '' ? (
        <Card>
          <EmptyState icon={Braces} title={t.emptyTitle} text={t.emptyText} guide="whole-house" />
        </Card>
      ) : (
        <Card aria-label={t.list}>
          {list.isPending && <SkeletonRows rows={6} />}
          {list.data && facts.length === 0 && <EmptyState icon={Braces} title={t.noNodes} />}
          {facts.length > 0 && (
            <>
              <Values facts={facts} />
              <LoadMore
                hasMore={list.hasNextPage}
                isLoading={list.isFetchingNextPage}
                onLoadMore={() => void list.fetchNextPage()}
              />
            </>
          )}
        </Card>
      )}
    </>
  )
}

function PathField({
  path,
  known,
  onChange,
}: {
  readonly path: string
  readonly known: readonly string[]
  readonly onChange: (path: string) => void
}) {
  const t = useMessages('compare').facts
  const [typed, setTyped] = useState(path)
  const list = useId()
  const tell = (text: string) => {
    if (text.trim() !== path) onChange(text.trim())
  }
  return (
    <Field label={t.path} hint={t.pathHint}>
      <Input
        list={list}
        value={typed}
        autoCapitalize="none"
        spellCheck={false}
        className="font-mono"
        onChange={(event) => {
          setTyped(event.target.value)
          // Chosen from the list: there is nothing more to type.
          if (known.includes(event.target.value)) tell(event.target.value)
        }}
        onBlur={() => tell(typed)}
        onKeyDown={(event) => event.key === 'Enter' && tell(typed)}
      />
      <datalist id={list}>
        {known.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </Field>
  )
}

function Values({ facts }: { readonly facts: readonly NodeFact[] }) {
  const t = useMessages('compare').facts
  const known = facts.filter(({ isKnown }) => isKnown).map(({ value }) => String(value))
  const usual = usualOf(known)
  const counts = countValues(known)
  return (
    <>
      <p className="border-b border-border px-4 py-2.5 text-sm text-muted-foreground">
        {t.summary(counts.length, known.length, facts.length - known.length)}
      </p>
      <Table label={t.list} stack>
        <TableHead>
          <Th>{t.node}</Th>
          <Th>{t.value}</Th>
          <Th>{t.seen}</Th>
        </TableHead>
        <TableBody>
          {facts.map(({ nodeId, nodeName, isKnown, value, at, executionId }) => (
            <Row key={nodeId}>
              <Td>
                <Link to="/nodes/$id" params={{ id: nodeId }} className="font-medium hover:underline foreign">
                  {nodeName}
                </Link>{' '}
                <SampleBadge id={nodeId} />
              </Td>
              <Td label={t.value}>
                {isKnown ? (
                  <span className="inline-flex flex-wrap items-center gap-2">
                    <span className="font-mono break-all foreign">{String(value)}</span>
                    {usual !== null && String(value) !== usual && <Badge tone="wait">{t.differs}</Badge>}
                  </span>
                ) : (
                  <span className="text-muted-foreground">{t.unknown}</span>
                )}
              </Td>
              <Td label={t.seen}>
                {at && executionId ? (
                  <Link
                    to="/executions/$id"
                    params={{ id: executionId }}
                    className="text-muted-foreground underline underline-offset-4 hover:text-foreground"
                  >
                    <RelativeTime at={at} plain />
                  </Link>
                ) : (
                  <span className="text-muted-foreground">{t.never}</span>
                )}
              </Td>
            </Row>
          ))}
        </TableBody>
      </Table>
      {counts.length > 1 && counts.length < known.length && (
        <p className="border-t border-border px-4 py-2.5 text-sm text-muted-foreground foreign">
          {counts
            .slice(0, 6)
            .map(({ value, count }) => `${value} × ${formatNumber(count)}`)
            .join(' · ')}
        </p>
      )}
    </>
  )
}
