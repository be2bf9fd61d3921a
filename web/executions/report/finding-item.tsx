import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import {
  ArrowDown,
  ArrowUp,
  BellOff,
  Braces,
  Check,
  ChevronRight,
  Link as LinkIcon,
  type LucideIcon,
  ScrollText,
  Sparkles,
} from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { Finding, FindingState } from '../../../contract/reports.ts'
import { useCan } from '../../account/use-session.ts'
import { api } from '../../lib/api.ts'
import { useMessages } from '../../lib/messages.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { severityLooks } from '../../ui/severity-badge.tsx'
import { tellFailure, tellSuccess } from '../../ui/toaster.tsx'
import { type Tone, toneText } from '../../ui/tone.ts'
import { Evidence } from './evidence.tsx'
import { Fix } from './fix.tsx'
import { anchorOf } from './standing.ts'

const stateLooks: Record<FindingState, { readonly tone: Tone | null; readonly Icon: LucideIcon | null }> = {
  new: { tone: 'run', Icon: Sparkles },
  worse: { tone: 'fail', Icon: ArrowUp },
  better: { tone: 'ok', Icon: ArrowDown },
  resolved: { tone: 'ok', Icon: Check },
  known: { tone: null, Icon: null },
}

interface FindingItemProps {
  readonly finding: Finding
  /** Beside the state: where it was found, when a list spans nodes. */
  readonly where?: ReactNode
  /** Its line in the log of this execution. */
  readonly line?: number | undefined
  /** The part of the facts it was made from. */
  readonly fact?: string | null
  readonly onShowFact?: (fact: string) => void
  /** Without evidence and fix: for what is resolved or was not seen. */
  readonly short?: boolean
  /** Evidence and fix unfold on demand: in long lists. */
  readonly folded?: boolean
}

/** One finding: what is wrong, the numbers compared, what to do. */
export function FindingItem({
  finding,
  where,
  line,
  fact,
  onShowFact,
  short = false,
  folded = false,
}: FindingItemProps) {
  const t = useMessages('execution').findings
  const ui = useMessages('ui')
  const { key, severity, title, evidence, fix, subject, state, confidence, acknowledgedBy } = finding
  const { tone, Icon } = severityLooks[severity]
  const [isUnfolded, setUnfolded] = useState(!folded)
  const isWhole = !short && isUnfolded
  const isQuiet = short || finding.acknowledgedAt !== null
  // A list that spans nodes stands below the title of its page, others below that of their card.
  const Title = where ? 'h2' : 'h3'
  return (
    <li id={anchorOf(key)} className="scroll-mt-20 px-4 py-3.5 target:bg-primary/6">
      <article className="flex gap-3">
        <Icon
          aria-hidden
          className={clsx('mt-0.5 size-4.5 shrink-0', isQuiet ? 'text-muted-foreground' : toneText[tone])}
        />
        <div className="min-w-0 flex-1 space-y-2.5">
          <div className="flex flex-wrap items-start justify-between gap-x-3 gap-y-1.5">
            <Title className={clsx('min-w-0 foreign', isQuiet ? 'text-muted-foreground' : 'font-medium')}>
              <span className="sr-only">{ui.severities[severity]}: </span>
              {title}
            </Title>
            <div className="flex flex-wrap items-center gap-1.5">
              {where}
              {confidence !== 'certain' && (
                <Badge>
                  <span className="sr-only">{t.confidenceLabel}: </span>
                  {t.confidence[confidence]}
                </Badge>
              )}
              <StateBadge state={state} />
            </div>
          </div>
          {isWhole && <Evidence evidence={evidence} subject={subject} />}
          {isWhole && fix && <Fix text={fix} />}
          <div className="flex flex-wrap items-center gap-x-3.5 gap-y-1 text-sm text-muted-foreground">
            {folded && !short && (
              <button
                type="button"
                aria-expanded={isUnfolded}
                onClick={() => setUnfolded(!isUnfolded)}
                className={linkLook}
              >
                <ChevronRight
                  aria-hidden
                  className={clsx('size-3.5 transition-transform', isUnfolded && 'rotate-90')}
                />
                {t.details}
              </button>
            )}
            <span>
              {t.since} <RelativeTime at={finding.firstSeenAt} />
            </span>
            {acknowledgedBy !== null && (
              <span className="inline-flex min-w-0 items-center gap-1.5">
                <BellOff aria-hidden className="size-3.5 shrink-0" />
                <span className="foreign">{t.acknowledged(acknowledgedBy)}</span>
              </span>
            )}
            <FindingLinks finding={finding} line={line} fact={fact ?? null} onShowFact={onShowFact} />
            {!short && acknowledgedBy === null && state !== 'resolved' && <Acknowledge finding={finding} />}
          </div>
        </div>
      </article>
    </li>
  )
}

function StateBadge({ state }: { readonly state: FindingState }) {
  const t = useMessages('execution').findings
  const { tone, Icon } = stateLooks[state]
  return (
    <span title={t.stateHints[state]}>
      <Badge {...(tone && { tone })} icon={Icon && <Icon aria-hidden />}>
        {t.states[state]}
      </Badge>
    </span>
  )
}

interface FindingLinksProps {
  readonly finding: Finding
  readonly line: number | undefined
  readonly fact: string | null
  readonly onShowFact: ((fact: string) => void) | undefined
}

const linkLook =
  'inline-flex min-h-6 min-w-6 items-center gap-1.5 rounded-xs underline-offset-4 hover:text-foreground hover:underline pointer-coarse:min-h-11'

function FindingLinks({ finding: { key, executionId }, line, fact, onShowFact }: FindingLinksProps) {
  const t = useMessages('execution').findings
  return (
    <>
      <Link
        to="/executions/$id"
        params={{ id: executionId }}
        hash={anchorOf(key)}
        aria-label={t.link}
        title={t.link}
        className={linkLook}
      >
        <LinkIcon aria-hidden className="size-3.5" />
      </Link>
      {line !== undefined && (
        <Link
          to="/executions/$id"
          params={{ id: executionId }}
          search={{ tab: 'log', line }}
          className={linkLook}
        >
          <ScrollText aria-hidden className="size-3.5" />
          {t.toLog}
        </Link>
      )}
      {fact !== null && onShowFact && (
        <button type="button" onClick={() => onShowFact(fact)} className={linkLook}>
          <Braces aria-hidden className="size-3.5" />
          {t.toFact}
        </button>
      )}
    </>
  )
}

function Acknowledge({ finding: { nodeId, agentId, key } }: { readonly finding: Finding }) {
  const t = useMessages('execution').findings
  const queries = useQueryClient()
  const mayAcknowledge = useCan('finding.write', nodeId)
  const acknowledge = useMutation({
    mutationFn: () => api.findings.acknowledge({ body: { nodeId, agentId, key } }),
    onSuccess: () => {
      tellSuccess(t.acknowledgedToast)
      return queries.invalidateQueries({ queryKey: ['findings'] })
    },
    onError: tellFailure,
  })
  if (!mayAcknowledge) return null
  return (
    <Button
      size="sm"
      variant="secondary"
      className="ms-auto"
      title={t.acknowledgeHint}
      isLoading={acknowledge.isPending}
      onClick={() => acknowledge.mutate()}
    >
      <BellOff aria-hidden />
      {t.acknowledge}
    </Button>
  )
}
