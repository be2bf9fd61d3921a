import { useMessages } from '../lib/messages.ts'
import { Card } from '../ui/card.tsx'
import { Checkbox } from '../ui/checkbox.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { HealthBadge } from '../ui/status-badge.tsx'
import { FindingCounts } from './finding-counts.tsx'
import { NodeLink, type NodeListProps, NodeRuns } from './node-table.tsx'
import { TagLinks } from './tag-links.tsx'

/** Nodes as tiles. */
export function NodeGrid({ nodes, runs, selected, onSelect }: NodeListProps) {
  const t = useMessages('nodes').list
  return (
    <ul aria-label={t.caption} className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
      {nodes.map((node) => (
        <li key={node.id} className="min-w-0">
          <Card className={selected.has(node.id) ? 'h-full border-foreground! p-4' : 'h-full p-4'}>
            <div className="flex items-center gap-3">
              {onSelect && (
                <Checkbox
                  label={t.select(node.name)}
                  hideLabel
                  checked={selected.has(node.id)}
                  onChange={(event) => onSelect([node], event.target.checked)}
                />
              )}
              <div className="min-w-0 flex-1 text-lg">
                <NodeLink node={node} />
              </div>
              <HealthBadge health={node.health} />
            </div>
            <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-sm">
              <dt className="text-muted-foreground">{t.findings}</dt>
              <dd className="text-end">
                <FindingCounts node={node} />
              </dd>
              <dt className="text-muted-foreground">{t.lastSeen}</dt>
              <dd className="text-end">
                {node.lastSeenAt ? <RelativeTime at={node.lastSeenAt} plain /> : t.never}
              </dd>
              <dt className="text-muted-foreground">{t.address}</dt>
              <dd className="min-w-0 text-end">
                <code className="foreign">
                  {node.host}:{node.port}
                </code>
              </dd>
              <dt className="text-muted-foreground">{t.platform}</dt>
              <dd className="min-w-0 truncate text-end foreign">{node.platform.os ?? '–'}</dd>
              <dt className="text-muted-foreground">{t.runs}</dt>
              <dd className="flex justify-end">
                <NodeRuns runs={runs.get(node.id)} />
              </dd>
            </dl>
            {node.tags.length > 0 && (
              <div className="mt-3">
                <TagLinks tags={node.tags} />
              </div>
            )}
          </Card>
        </li>
      ))}
    </ul>
  )
}
