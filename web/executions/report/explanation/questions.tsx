import { useMutation, useQueryClient } from '@tanstack/react-query'
import { CornerDownRight, LoaderCircle } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { CallPrice, ExplanationState, Question } from '../../../../contract/explanations.ts'
import { useCan } from '../../../account/use-session.ts'
import { api } from '../../../lib/api.ts'
import { formatDateTime, formatMoney } from '../../../lib/format.ts'
import { useMessages } from '../../../lib/messages.ts'
import { Button } from '../../../ui/button.tsx'
import { ErrorPanel } from '../../../ui/error-panel.tsx'
import { Field } from '../../../ui/field.tsx'
import { Input } from '../../../ui/input.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { ClaimText } from './claims.tsx'
import { ExchangeButton } from './exchange.tsx'
import { Origin } from './origin.tsx'
import { explanationQuery } from './queries.ts'

interface QuestionsProps {
  readonly state: ExplanationState
  readonly onShowFact: (fact: string) => void
}

/** What people asked about the report, and a field to ask more, with its price first. */
export function Questions({ state: { executionId, questions }, onShowFact }: QuestionsProps) {
  const mayAsk = useCan('execution.start', executionId)
  if (questions.length === 0 && !mayAsk) return null
  return (
    <div className="space-y-4 border-t border-border pt-3">
      {questions.length > 0 && (
        <ol className="space-y-4">
          {questions.map((question) => (
            <li key={question.id}>
              <Asked question={question} onShowFact={onShowFact} />
            </li>
          ))}
        </ol>
      )}
      {mayAsk && <AskForm executionId={executionId} />}
    </div>
  )
}

function Asked({
  question,
  onShowFact,
}: {
  readonly question: Question
  readonly onShowFact: QuestionsProps['onShowFact']
}) {
  const t = useMessages('explanation')
  const { text, askedBy, at, state, answer, detail, resetsAt, callId } = question
  return (
    <article className="space-y-1.5">
      <p className="font-medium text-pretty foreign">{text}</p>
      <div className="flex gap-2.5">
        <CornerDownRight aria-hidden className="mt-1 size-4 shrink-0 text-muted-foreground" />
        <div className="min-w-0 flex-1 space-y-2">
          {state === 'asking' && (
            <p role="status" className="flex items-center gap-2 text-muted-foreground">
              <LoaderCircle aria-hidden className="size-4 motion-safe:animate-spin" />
              {t.thinking}
            </p>
          )}
          {(state === 'failed' || state === 'not-asked') && (
            <p className="text-muted-foreground text-pretty foreign">
              {t.questionFailed} {detail} {resetsAt && t.resets(formatDateTime(resetsAt))}
            </p>
          )}
          {answer?.claims.map((claim, index) => (
            <ClaimText key={index} claim={claim} onShowFact={onShowFact} />
          ))}
          {answer?.claims.length === 0 && <p className="text-muted-foreground">{t.noReply}</p>}
          <p className="flex flex-wrap items-center gap-x-2 text-sm text-muted-foreground">
            <span className="foreign">{t.you(askedBy.replace(/^user:/, ''))}</span>
            <RelativeTime at={at} />
            {state === 'answered' && <Origin answered={question} />}
            {answer !== null && answer.dropped > 0 && <span>{t.dropped(answer.dropped)}</span>}
            {callId && <ExchangeButton id={callId} />}
          </p>
        </div>
      </div>
    </article>
  )
}

function AskForm({ executionId }: Pick<ExplanationState, 'executionId'>) {
  const t = useMessages('explanation')
  const queries = useQueryClient()
  const [text, setText] = useState('')
  const params = { id: executionId }
  const body = { text, depth: 'cheap' } as const
  const price = useMutation({ mutationFn: () => api.explanations.price({ params, body }) })
  const ask = useMutation({
    mutationFn: () => api.explanations.ask({ params, body }),
    onSuccess: () => {
      setText('')
      price.reset()
      return queries.invalidateQueries({ queryKey: explanationQuery(executionId).queryKey })
    },
  })
  const known = price.data
  const isShort = text.trim().length < 3
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isShort) return
    if (known) ask.mutate()
    else price.mutate()
  }
  const failure = ask.error ?? price.error
  return (
    <form noValidate onSubmit={submit} className="space-y-2">
      <Field label={t.ask} hint={t.askHint}>
        <Input
          value={text}
          maxLength={500}
          placeholder={t.placeholder}
          onChange={({ target }) => {
            setText(target.value)
            price.reset()
          }}
        />
      </Field>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Button
          type="submit"
          size="sm"
          variant={known ? 'primary' : 'secondary'}
          disabled={isShort}
          isLoading={price.isPending || ask.isPending}
        >
          {known ? t.send : t.price}
        </Button>
        {known && <Price price={known} />}
      </div>
      {failure && <ErrorPanel error={failure} isCompact />}
    </form>
  )
}

function Price({ price }: { readonly price: CallPrice }) {
  const t = useMessages('explanation')
  const { isCharged, isPriceKnown, likelyNanoUsd, mostNanoUsd, model } = price
  return (
    <p role="status" className="text-sm text-muted-foreground">
      {model}: {isCharged ? t.sendAt(formatMoney(likelyNanoUsd), formatMoney(mostNanoUsd)) : t.sendFree}
      {isCharged && !isPriceKnown && ` ${t.unknownPrice}`}
    </p>
  )
}
