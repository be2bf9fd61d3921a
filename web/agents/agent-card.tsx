import { Link } from '@tanstack/react-router'
import { Bot, Eye, PackageCheck, PackagePlus, Pencil, ShieldCheck } from 'lucide-react'
import type { Agent } from '../../contract/agents.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Card } from '../ui/card.tsx'
import { LastRunsStrip } from './last-runs.tsx'
import { RunActions } from './run-actions.tsx'

/** So many lines tell what an agent is about; its page has the rest. */
const readsShown = 3

/** An agent of the catalogue: what it is, what it reads, what it may change, and how it went lately. */
export function AgentCard({ agent: { manifest, origin } }: { readonly agent: Agent }) {
  const t = useMessages('agents')
  const { id, title, description, reads, actions, version, costClass } = manifest
  const more = reads.length - readsShown
  return (
    <Card className="flex flex-col" aria-label={title}>
      <div className="flex items-start gap-3 p-4">
        <span className="grid size-10 shrink-0 place-items-center rounded-md border border-border bg-muted text-muted-foreground">
          <Bot aria-hidden className="size-5" />
        </span>
        <div className="min-w-0 flex-1">
          <h2 className="text-lg font-semibold foreign">
            <Link to="/agents/$id" params={{ id }} className="rounded-xs hover:underline">
              {title}
            </Link>
          </h2>
          <p className="mt-0.5 text-muted-foreground text-pretty foreign">{description}</p>
        </div>
      </div>
      <div className="flex-1 space-y-4 px-4 pb-4">
        <div>
          <h3 className="mb-1 flex items-center gap-1.5 text-sm font-medium text-muted-foreground">
            <Eye aria-hidden className="size-3.5" />
            {t.reads}
          </h3>
          {reads.length === 0 ? (
            <p>{t.readsNothing}</p>
          ) : (
            <ul className="space-y-0.5">
              {reads.slice(0, readsShown).map((line) => (
                <li key={line} className="foreign">
                  {line}
                </li>
              ))}
              {more > 0 && <li className="text-muted-foreground">{t.readsMore(more)}</li>}
            </ul>
          )}
        </div>
        <div>
          <h3 className="mb-1 flex items-center gap-1.5 text-sm font-medium text-muted-foreground">
            <Pencil aria-hidden className="size-3.5" />
            {t.changes}
          </h3>
          {actions.length === 0 ? (
            <p className="flex items-center gap-1.5">
              <ShieldCheck aria-hidden className="size-4 shrink-0 text-muted-foreground" />
              {t.changesNothing}
            </p>
          ) : (
            <p className="foreign">
              <span className="font-medium">{t.mayChangeCount(actions.length)}:</span> {actions.join(', ')}
            </p>
          )}
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-1.5 px-4 pb-3">
        <Badge icon={origin === 'built-in' ? <PackageCheck aria-hidden /> : <PackagePlus aria-hidden />}>
          {origin === 'built-in' ? t.builtIn : t.installed}
        </Badge>
        <Badge>{t.version(version)}</Badge>
        <Badge>{`${t.cost}: ${t.costs[costClass]}`}</Badge>
      </div>
      <div className="flex flex-wrap items-center justify-between gap-3 border-t border-border px-4 py-3">
        <LastRunsStrip agentId={id} />
        <div className="ms-auto flex gap-2">
          <RunActions manifest={manifest} size="sm" />
        </div>
      </div>
    </Card>
  )
}
