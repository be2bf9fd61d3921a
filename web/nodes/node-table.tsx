import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import type { NodeId } from '../../contract/ids.ts'
import type { Node } from '../../contract/nodes.ts'
import { useMessages } from '../lib/messages.ts'
import { Checkbox } from '../ui/checkbox.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { RunStrip, type StripRun } from '../ui/run-strip.tsx'
import { HealthBadge } from '../ui/status-badge.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'
import { ConnectedDot } from './connected-dot.tsx'
import { FindingCounts } from './finding-counts.tsx'
import { TagLinks } from './tag-links.tsx'

/** As a card, a node is told without what is not known of it. */
const blank = 'stacked:hidden!'
/** Where there is room enough beside what matters more. */
const roomy = 'md:max-lg:hidden'
const wide = 'md:max-2xl:hidden'

export interface NodeListProps {
  readonly nodes: readonly Node[]
  readonly runs: ReadonlyMap<NodeId, readonly StripRun[]>
  readonly selected: ReadonlySet<NodeId>
  /** Left out for those who can do nothing with what they select. */
  readonly onSelect: ((nodes: readonly Node[], isSelected: boolean) => void) | undefined
}

/** Nodes as lines of a table; as cards where the screen is narrow. */
export function NodeTable({ nodes, runs, selected, onSelect }: NodeListProps) {
  const t = useMessages('nodes').list
  const chosen = nodes.filter(({ id }) => selected.has(id)).length
  return (
    <Table label={t.caption} stack>
      <TableHead>
        <Th aria-sort="ascending">
          <span className="flex items-center gap-3">
            {onSelect && (
              <Checkbox
                label={t.selectAll}
                hideLabel
                checked={nodes.length > 0 && chosen === nodes.length}
                isMixed={chosen > 0 && chosen < nodes.length}
                onChange={(event) => onSelect(nodes, event.target.checked)}
              />
            )}
            {t.name}
          </span>
        </Th>
        <Th>{t.health}</Th>
        <Th>{t.findings}</Th>
        <Th>{t.runs}</Th>
        <Th>{t.lastSeen}</Th>
        <Th className={roomy}>{t.address}</Th>
        <Th className={wide}>{t.platform}</Th>
        <Th className={roomy}>{t.tags}</Th>
      </TableHead>
      <TableBody>
        {nodes.map((node) => (
          <Row key={node.id} isSelected={selected.has(node.id)}>
            <Td>
              <span className="flex min-w-0 items-center gap-3">
                {onSelect && (
                  <Checkbox
                    label={t.select(node.name)}
                    hideLabel
                    checked={selected.has(node.id)}
                    onChange={(event) => onSelect([node], event.target.checked)}
                  />
                )}
                <NodeLink node={node} />
              </span>
            </Td>
            <Td label={t.health}>
              <HealthBadge health={node.health} />
            </Td>
            <Td label={t.findings} className={node.lastSeenAt ? '' : blank}>
              <FindingCounts node={node} />
            </Td>
            <Td label={t.runs} className={runs.has(node.id) ? '' : blank}>
              <NodeRuns runs={runs.get(node.id)} />
            </Td>
            <Td label={t.lastSeen} className="text-muted-foreground">
              {node.lastSeenAt ? <RelativeTime at={node.lastSeenAt} plain /> : t.never}
            </Td>
            <Td label={t.address} className={roomy}>
              <code
                title={`${node.host}:${node.port}`}
                className="block max-w-48 truncate text-sm text-muted-foreground"
              >
                {node.host}:{node.port}
              </code>
            </Td>
            <Td
              label={t.platform}
              className={clsx('text-muted-foreground', wide, !node.platform.os && blank)}
            >
              <span className="block max-w-56 truncate foreign">{node.platform.os ?? '–'}</span>
            </Td>
            <Td label={t.tags} className={clsx(roomy, node.tags.length === 0 && blank)}>
              <div className="max-w-64">
                <TagLinks tags={node.tags} />
              </div>
            </Td>
          </Row>
        ))}
      </TableBody>
    </Table>
  )
}

export function NodeLink({ node }: { readonly node: Node }) {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <Link
        to="/nodes/$id"
        params={{ id: node.id }}
        className="block max-w-64 truncate py-1 font-medium hover:underline foreign"
        title={node.name}
      >
        {node.name}
      </Link>
      <ConnectedDot connected={node.connected} />
    </span>
  )
}

export function NodeRuns({ runs }: { readonly runs: readonly StripRun[] | undefined }) {
  // Older ones may exist beyond what was asked for, so “none” would say too much.
  if (!runs) return <span className="text-muted-foreground">–</span>
  return (
    <RunStrip
      runs={runs}
      renderLink={(run, props) => <Link to="/executions/$id" params={{ id: run.id }} {...props} />}
    />
  )
}
