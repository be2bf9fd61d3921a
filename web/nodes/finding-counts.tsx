import type { Node } from '../../contract/nodes.ts'
import { useMessages } from '../lib/messages.ts'
import { SeverityBadge } from '../ui/severity-badge.tsx'

const severities = ['critical', 'high', 'warning', 'info'] as const

/** How many findings are open, the most severe first. */
export function FindingCounts({
  node: { findings, lastSeenAt },
}: {
  readonly node: Pick<Node, 'findings' | 'lastSeenAt'>
}) {
  const t = useMessages('nodes').list
  const some = severities.filter((severity) => findings[severity] > 0)
  // Nothing found where nothing was looked at is no good news.
  if (some.length === 0)
    return <span className="text-muted-foreground">{lastSeenAt ? t.noFindings : '–'}</span>
  return (
    <span className="inline-flex gap-2.5">
      {some.map((severity) => (
        <SeverityBadge key={severity} severity={severity} count={findings[severity]} />
      ))}
    </span>
  )
}
