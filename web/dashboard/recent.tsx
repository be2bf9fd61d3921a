import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import { Result } from '../executions/result.tsx'
import { useAgentTitle } from '../executions/list-queries.ts'
import { type Pair, toPairs } from '../executions/pairs.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { StatusBadge } from '../ui/status-badge.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'
import { Panel } from './panel.tsx'
import { recentQuery } from './queries.ts'
import { ExecutionStrip } from './strip.tsx'
import { shown } from './shown.ts'

/** What ran last: a row for each agent and node, with how its last runs went. */
export function Recent() {
  const t = useMessages('dashboard')
  return (
    <Panel
      title={t.recent}
      className="@container"
      actions={
        <Button size="sm" variant="ghost" asChild>
          <Link to="/executions">{t.allExecutions}</Link>
        </Button>
      }
    >
      <RecentBody />
    </Panel>
  )
}

function RecentBody() {
  const t = useMessages('dashboard')
  const words = useMessages('executions').list
  const recent = useQuery(recentQuery)
  if (recent.isError && !recent.data) {
    return (
      <ErrorPanel
        error={recent.error}
        isRetrying={recent.isFetching}
        onRetry={() => void recent.refetch()}
        className="m-4 mt-0"
      />
    )
  }
  if (!recent.data) return <SkeletonRows rows={6} />
  const pairs = toPairs(recent.data.items, shown.strip).slice(0, shown.pairs)
  if (pairs.length === 0) return <EmptyState icon={Play} title={t.nothingRanTitle} text={t.nothingRanText} />
  return (
    <Table label={t.recent} stack className="table-fixed stacked:table-auto">
      <TableHead>
        <Th className="w-36">{words.state}</Th>
        <Th className="@4xl:w-[30%]">
          {words.agent}, {words.node}
        </Th>
        <Th className="hidden @4xl:table-cell">{words.result}</Th>
        <Th className="w-42">{t.runs}</Th>
        <Th align="right" className="w-36">
          {words.when}
        </Th>
      </TableHead>
      <TableBody>
        {pairs.map((pair) => (
          <PairRow key={pair.key} pair={pair} />
        ))}
      </TableBody>
    </Table>
  )
}

function PairRow({ pair: { latest, runs } }: { readonly pair: Pair }) {
  const t = useMessages('dashboard')
  const titleOf = useAgentTitle()
  const title = titleOf(latest.agentId)
  return (
    <Row className="relative stacked:flow-root!">
      <Td className="stacked:float-end stacked:inline-flex stacked:ps-3!">
        <StatusBadge state={latest.state} />
      </Td>
      <Td className="stacked:justify-start! stacked:pe-0!">
        <Link
          to="/executions/$id"
          params={{ id: latest.id }}
          className="block min-w-0 truncate stacked:whitespace-normal after:absolute after:inset-0 focus-visible:-outline-offset-2"
        >
          <bdi className="font-medium">{title}</bdi>{' '}
          <bdi className="text-muted-foreground">{t.on(latest.nodeName)}</bdi>
        </Link>
      </Td>
      <Td className="hidden stacked:flex stacked:min-h-0! @4xl:table-cell">
        <Result execution={latest} />
      </Td>
      <Td className="stacked:inline-flex!">
        <span className="relative z-1 inline-block max-w-full align-middle">
          <ExecutionStrip runs={runs.slice(-6)} />
        </span>
      </Td>
      <Td align="right" className="text-muted-foreground stacked:float-end stacked:inline-flex!">
        <RelativeTime at={latest.queuedAt} plain />
      </Td>
    </Row>
  )
}
