import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { History, Info, LoaderCircle, Sparkles } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Claim, ExplanationState } from '../../../../contract/explanations.ts'
import type { ExecutionId } from '../../../../contract/ids.ts'
import type { Report } from '../../../../contract/reports.ts'
import { useCan } from '../../../account/use-session.ts'
import { api } from '../../../lib/api.ts'
import { formatDateTime, formatPercent } from '../../../lib/format.ts'
import { useMessages } from '../../../lib/messages.ts'
import { ToProposedChange } from '../../../plans/execution-plan.tsx'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../../../ui/card.tsx'
import { ErrorPanel } from '../../../ui/error-panel.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { Loading, Skeleton } from '../../../ui/skeleton.tsx'
import { tellFailure } from '../../../ui/toaster.tsx'
import { momentOfId } from '../../moment-of-id.ts'
import { ClaimText } from './claims.tsx'
import { ExchangeButton } from './exchange.tsx'
import { Origin } from './origin.tsx'
import { Questions } from './questions.tsx'
import { explanationQuery } from './queries.ts'

interface ExplanationPanelProps {
  readonly report: Report
  readonly onShowFact: (fact: string) => void
}

/** What a model made of the report, each sentence with what it rests on; or why none was asked. */
export function ExplanationPanel({ report: { executionId }, onShowFact }: ExplanationPanelProps) {
  const t = useMessages('explanation')
  const state = useQuery(explanationQuery(executionId))
  if (state.isPending) {
    return (
      <Card aria-label={t.title}>
        <Loading className="space-y-2.5 p-4">
          <Skeleton className="h-5 w-40" />
          <Skeleton className="h-4 w-full max-w-2xl" />
        </Loading>
      </Card>
    )
  }
  if (!state.data) {
    return (
      <Card aria-label={t.title} className="p-4">
        <ErrorPanel
          error={state.error}
          isCompact
          onRetry={() => void state.refetch()}
          isRetrying={state.isFetching}
        />
      </Card>
    )
  }
  if (state.data.reason === 'off' && state.data.questions.length === 0) return <Off state={state.data} />
  return (
    <Card aria-label={t.title}>
      <CardHeader actions={<Actions state={state.data} />}>
        <CardTitle className="flex items-center gap-2">
          <Sparkles aria-hidden className="size-4 shrink-0 text-muted-foreground" />
          {t.title}
        </CardTitle>
      </CardHeader>
      <CardContent className="space-y-4">
        <State state={state.data} onShowFact={onShowFact} />
        {state.data.reason !== 'off' && <Questions state={state.data} onShowFact={onShowFact} />}
      </CardContent>
    </Card>
  )
}

/** One line: whoever wants no model is not asked to look at an empty card. */
function Off({ state }: { readonly state: ExplanationState }) {
  const t = useMessages('explanation')
  const mayChoose = useCan('ai.write')
  return (
    <p className="flex flex-wrap items-center gap-x-2 text-sm text-muted-foreground">
      <Sparkles aria-hidden className="size-3.5 shrink-0" />
      {state.detail ?? t.off}
      {mayChoose && (
        <Link
          to="/settings"
          search={{ tab: 'ai' }}
          className="inline-flex min-h-6 items-center underline underline-offset-4 hover:text-foreground"
        >
          {t.turnOn}
        </Link>
      )}
    </p>
  )
}

function Actions({ state: { executionId, state, reason } }: { readonly state: ExplanationState }) {
  const t = useMessages('explanation')
  const queries = useQueryClient()
  const mayAsk = useCan('execution.start', executionId)
  const explain = useMutation({
    mutationFn: (depth: 'cheap' | 'deep') =>
      api.explanations.explain({
        params: { id: executionId },
        body: { depth, again: state === 'explained' },
      }),
    onSuccess: (now) => queries.setQueryData(explanationQuery(executionId).queryKey, now),
    onError: tellFailure,
  })
  const isAsking = state === 'asking' && reason !== 'batched'
  if (!mayAsk || isAsking || reason === 'off') return null
  return (
    <>
      {state === 'explained' && (
        <Button
          size="sm"
          variant="ghost"
          title={t.deepHint}
          disabled={explain.isPending}
          onClick={() => explain.mutate('deep')}
        >
          {t.deep}
        </Button>
      )}
      <Button
        size="sm"
        variant="secondary"
        isLoading={explain.isPending}
        onClick={() => explain.mutate('cheap')}
      >
        {state === 'explained' ? t.again : t.explain}
      </Button>
    </>
  )
}

interface StateProps {
  readonly state: ExplanationState
  readonly onShowFact: (fact: string) => void
}

function State({ state, onShowFact }: StateProps) {
  const t = useMessages('explanation')
  switch (state.state) {
    case 'pending':
      return <Note>{t.pending}</Note>
    case 'not-asked':
      return (
        <Note detail={state.detail}>
          {t.notAsked[state.reason ?? 'called']}
          {state.resetsAt && ` ${t.resets(formatDateTime(state.resetsAt))}`}
        </Note>
      )
    case 'asking':
      return (
        <p role="status" className="flex gap-2.5 text-muted-foreground">
          <LoaderCircle aria-hidden className="mt-1 size-4 shrink-0 motion-safe:animate-spin" />
          <span className="text-pretty">
            {state.reason === 'batched' && state.resetsAt
              ? t.batched(formatDateTime(state.resetsAt))
              : t.asking}
          </span>
        </p>
      )
    case 'failed':
      return <Note detail={state.detail}>{t.failed}</Note>
    case 'explained':
      return <Explained state={state} onShowFact={onShowFact} />
  }
}

function Note({
  detail = null,
  children,
}: {
  readonly detail?: string | null
  readonly children: ReactNode
}) {
  return (
    <div className="flex gap-2.5 text-muted-foreground">
      <Info aria-hidden className="mt-1 size-4 shrink-0" />
      <div className="min-w-0">
        <p className="text-pretty">{children}</p>
        {detail !== null && <p className="text-sm text-pretty foreign">{detail}</p>}
      </div>
    </div>
  )
}

function Explained({ state, onShowFact }: StateProps) {
  const t = useMessages('explanation')
  const { explanation, reused, answeredAt } = state
  if (!explanation) return null
  const { verdict, happened, lookAt, suggestions, dropped } = explanation
  const isEmpty = !verdict && happened.length + lookAt.length + suggestions.length === 0
  return (
    <div className="space-y-4">
      {verdict && <ClaimText claim={verdict} onShowFact={onShowFact} className="max-w-3xl font-medium" />}
      {!verdict && <Note>{isEmpty ? t.nothingHeld : t.noVerdict}</Note>}
      <div className="grid gap-x-8 gap-y-4 lg:grid-cols-2">
        <Claims title={t.happened} claims={happened} onShowFact={onShowFact} />
        <Claims title={t.lookAt} claims={lookAt} onShowFact={onShowFact} />
      </div>
      <Claims
        title={t.suggestions}
        claims={suggestions}
        onShowFact={onShowFact}
        executionId={state.executionId}
        isRanked
      />
      <div className="space-y-1 border-t border-border pt-3 text-sm text-muted-foreground">
        {dropped > 0 && !isEmpty && <p className="text-pretty">{t.dropped(dropped)}</p>}
        <p className="text-pretty">{t.byRules}</p>
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          {reused && (
            <span
              title={t.reusedFrom(
                formatDateTime(momentOfId(reused.from)),
                formatPercent(reused.similarity * 100),
              )}
            >
              <Badge icon={<History aria-hidden />}>{t.reused}</Badge>
            </span>
          )}
          <Origin answered={state} />
          {answeredAt && <RelativeTime at={answeredAt} />}
          {state.callId && <ExchangeButton id={state.callId} />}
        </p>
      </div>
    </div>
  )
}

interface ClaimsProps {
  readonly title: string
  readonly claims: readonly (Claim & { readonly findingKey?: string })[]
  readonly onShowFact: (fact: string) => void
  readonly isRanked?: boolean
  /** Whose proposed changes settle what is said. */
  readonly executionId?: ExecutionId
}

function Claims({ title, claims, onShowFact, isRanked = false, executionId }: ClaimsProps) {
  if (claims.length === 0) return null
  const List = isRanked ? 'ol' : 'ul'
  return (
    <section className="min-w-0">
      <h3 className="text-sm font-medium text-muted-foreground">{title}</h3>
      <List className={isRanked ? 'mt-1.5 list-decimal space-y-2 ps-5' : 'mt-1.5 space-y-2'}>
        {claims.map((claim, index) => (
          <li key={index}>
            <ClaimText claim={claim} onShowFact={onShowFact} />
            {executionId && claim.findingKey && (
              <ToProposedChange executionId={executionId} findingKey={claim.findingKey} />
            )}
          </li>
        ))}
      </List>
    </section>
  )
}
