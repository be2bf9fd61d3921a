import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { CheckCheck, GitCompareArrows, type LucideIcon, UserRound } from 'lucide-react'
import type { ReactNode } from 'react'
import type { StoryEvent } from '../../contract/story.ts'
import { useAgentTitle } from '../executions/list-queries.ts'
import { formatTime } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { severityLooks } from '../ui/severity-badge.tsx'
import { stateLooks } from '../ui/status-badge.tsx'
import { type Tone, toneText } from '../ui/tone.ts'

const linkLook = 'font-medium underline-offset-4 hover:underline foreign'

/** One thing that happened, with the way to all of it. */
export function StoryItem({ event }: { readonly event: StoryEvent }) {
  const t = useMessages('nodes').story
  const ui = useMessages('ui')
  const titleOf = useAgentTitle()
  switch (event.kind) {
    case 'execution': {
      const { tone, Icon } = stateLooks[event.state]
      const what = event.mode === 'apply' ? t.applied(titleOf(event.agentId)) : titleOf(event.agentId)
      return (
        <Item
          at={event.at}
          Icon={Icon}
          tone={tone}
          title={
            <Link to="/executions/$id" params={{ id: event.executionId }} className={linkLook}>
              {what}
            </Link>
          }
          about={[ui.states[event.state], event.dryRun && t.dryRun, t.by(nameOf(event.startedBy))]}
          text={event.verdict}
        />
      )
    }
    case 'change':
      return (
        <Item
          at={event.at}
          Icon={GitCompareArrows}
          title={
            <Link to="/executions/$id" params={{ id: event.executionId }} hash="changes" className={linkLook}>
              {t.changed(event.total)}
            </Link>
          }
          about={[titleOf(event.agentId)]}
          texts={event.texts}
        />
      )
    case 'finding': {
      const { tone, Icon } = severityLooks[event.severity]
      return (
        <Item
          at={event.at}
          Icon={Icon}
          tone={event.what === 'resolved' ? 'ok' : tone}
          title={
            <Link to="/executions/$id" params={{ id: event.executionId }} className={linkLook}>
              {event.title}
            </Link>
          }
          about={[t.findings[event.what], ui.severities[event.severity], event.by && t.by(nameOf(event.by))]}
        />
      )
    }
    case 'approval':
      return (
        <Item
          at={event.at}
          Icon={CheckCheck}
          tone={event.what === 'proposed' ? 'wait' : 'idle'}
          title={
            <Link to="/executions/$id" params={{ id: event.executionId }} className={linkLook}>
              {t.approvals[event.what](event.total)}
            </Link>
          }
          about={[event.by && t.by(nameOf(event.by))]}
          texts={event.titles}
        />
      )
    case 'audit':
      return (
        <Item
          at={event.at}
          Icon={UserRound}
          title={
            <Link to="/activity" search={{ action: event.action }} className={linkLook}>
              {event.action}
            </Link>
          }
          about={[t.by(nameOf(event.actor))]}
        />
      )
  }
}

const nameOf = (actor: string): string => actor.replace(/^user:/, '')

interface ItemProps {
  readonly at: string
  readonly Icon: LucideIcon
  readonly tone?: Tone
  readonly title: ReactNode
  readonly about: readonly (string | false | null)[]
  readonly text?: string | null
  readonly texts?: readonly string[]
}

function Item({ at, Icon, tone = 'idle', title, about, text, texts = [] }: ItemProps) {
  return (
    <li className="relative grid grid-cols-[1.25rem_minmax(0,1fr)] gap-x-3 py-1.5 before:absolute before:top-8 before:bottom-0 before:start-2.5 before:w-px before:bg-border last:before:hidden sm:grid-cols-[5.25rem_1.25rem_minmax(0,1fr)] sm:before:start-[6.6rem]">
      <time dateTime={at} className="pt-0.5 text-sm text-muted-foreground tabular-nums max-sm:hidden">
        {formatTime(at)}
      </time>
      <Icon aria-hidden className={clsx('mt-1 size-4.5', toneText[tone])} />
      <div className="min-w-0">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="min-w-0 break-words">{title}</span>
          <span className="text-sm text-muted-foreground foreign">
            <span className="sm:hidden">
              {formatTime(at)}
              {about.some(Boolean) && ' · '}
            </span>
            {about.filter(Boolean).join(' · ')}
          </span>
        </p>
        {text && <p className="text-sm text-muted-foreground text-pretty foreign">{text}</p>}
        {texts.length > 0 && (
          <ul className="text-sm text-muted-foreground">
            {texts.map((one, place) => (
              <li key={place} className="foreign">
                {one}
              </li>
            ))}
          </ul>
        )}
      </div>
    </li>
  )
}
