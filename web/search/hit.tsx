import { Link } from '@tanstack/react-router'
import { Activity, Braces, type LucideIcon, ScrollText, Server, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { SearchHit, SearchKind } from '../../contract/search.ts'
import { useAgentTitle } from '../executions/list-queries.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SampleBadge } from '../ui/sample-badge.tsx'
import { SeverityBadge } from '../ui/severity-badge.tsx'
import { toPieces } from './marked.ts'

export const kindIcons: Record<SearchKind, LucideIcon> = {
  node: Server,
  finding: TriangleAlert,
  fact: Braces,
  log: ScrollText,
  audit: Activity,
}

/** A text with the words that were looked for marked in it. It may come from a node, so it is text and no more. */
export function Marked({ text, typed }: { readonly text: string; readonly typed: string }) {
  return toPieces(text, typed).map(({ text: piece, isHit }, place) =>
    isHit ? (
      <mark key={place} className="rounded-xs bg-status-wait/20 text-inherit">
        {piece}
      </mark>
    ) : (
      piece
    ),
  )
}

const linkLook =
  'font-medium after:absolute after:inset-0 hover:underline focus-visible:-outline-offset-2 foreign'

/** One place where the words stand, with the way there. */
export function Hit({ hit, typed }: { readonly hit: SearchHit; readonly typed: string }) {
  const t = useMessages('search')
  const titleOf = useAgentTitle()
  const mark = (text: string) => <Marked text={text} typed={typed} />
  switch (hit.kind) {
    case 'node':
      return (
        <Row
          title={
            <Link to="/nodes/$id" params={{ id: hit.nodeId }} className={linkLook}>
              {mark(hit.nodeName)}
            </Link>
          }
          about={
            <>
              <SampleBadge id={hit.nodeId} />
              {hit.tags.map((tag) => (
                <Badge key={tag}>{mark(tag)}</Badge>
              ))}
            </>
          }
          text={mark(hit.text)}
        />
      )
    case 'finding':
      return (
        <Row
          title={
            <Link to="/executions/$id" params={{ id: hit.executionId }} className={linkLook}>
              {mark(hit.title)}
            </Link>
          }
          about={
            <>
              <SeverityBadge severity={hit.severity} />
              {!hit.isOpen && <Badge tone="ok">{t.resolved}</Badge>}
              <SampleBadge id={hit.nodeId} />
              <span className="foreign">{mark(hit.nodeName)}</span>
              <RelativeTime at={hit.at} plain />
            </>
          }
          text={mark(hit.text)}
        />
      )
    case 'fact':
      return (
        <Row
          title={
            <Link
              to="/compare"
              search={{ tab: 'facts', agent: hit.agentId, path: hit.path }}
              className={`${linkLook} font-mono text-sm`}
            >
              {mark(hit.path)}
            </Link>
          }
          about={
            <>
              <SampleBadge id={hit.nodeId} />
              <span className="foreign">{hit.nodeName}</span>
              <span>{titleOf(hit.agentId)}</span>
              <RelativeTime at={hit.at} plain />
            </>
          }
          text={<span className="font-mono">{mark(hit.text)}</span>}
        />
      )
    case 'log':
      return (
        <Row
          title={
            <Link
              to="/executions/$id"
              params={{ id: hit.executionId }}
              search={{ tab: 'log', line: hit.seq }}
              className={linkLook}
            >
              {t.lineOf(titleOf(hit.agentId), hit.nodeName, String(hit.seq))}
            </Link>
          }
          about={
            <>
              <SampleBadge id={hit.nodeId} />
              <RelativeTime at={hit.at} plain />
            </>
          }
          text={<span className="font-mono">{mark(hit.text)}</span>}
        />
      )
    case 'audit':
      return (
        <Row
          title={
            <Link
              to="/activity"
              search={{ action: hit.action, ...(hit.target ? { target: hit.target } : {}) }}
              className={linkLook}
            >
              {mark(hit.action)}
            </Link>
          }
          about={
            <>
              <span className="foreign">{mark(hit.actor)}</span>
              {hit.target && <span className="foreign">{mark(hit.target)}</span>}
              <RelativeTime at={hit.at} plain />
            </>
          }
          text={<span className="font-mono">{mark(hit.text)}</span>}
        />
      )
  }
}

function Row({
  title,
  about,
  text,
}: {
  readonly title: ReactNode
  readonly about: ReactNode
  readonly text: ReactNode
}) {
  return (
    <li className="relative px-4 py-2.5 hover:bg-muted/40">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="min-w-0 break-words">{title}</span>
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted-foreground">
          {about}
        </span>
      </div>
      <p className="mt-0.5 line-clamp-2 text-sm break-words text-muted-foreground foreign">{text}</p>
    </li>
  )
}
