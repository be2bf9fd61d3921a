import { useQuery } from '@tanstack/react-query'
import { useDeferredValue } from 'react'
import type { Schedule, ScheduleSpec } from '../../contract/schedules.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { ComingRuns } from './coming.tsx'
import { ConflictList } from './conflicts.tsx'
import { type FormValues, fromTiming, toTiming, wrongFields } from './form-values.ts'
import { conflictsQuery, previewQuery } from './queries.ts'
import { useSentence } from './words.ts'

/** When it would run, as the server sees it. */
export function Preview({
  values,
  id,
  terms,
  onMove,
}: {
  readonly values: FormValues
  readonly id: Schedule['id'] | undefined
  readonly terms: readonly string[]
  readonly onMove: (changed: Partial<FormValues>) => void
}) {
  const t = useMessages('schedules')
  const wrong = wrongFields(values)
  const isTimed = !(['cron', 'everyMinutes', 'onceAt', 'zone', 'jitterMinutes', 'blackouts'] as const).some(
    (field) => wrong.has(field),
  )
  // Empty while there is nothing right to ask for, in one with what is asked: they must not be of two moments.
  const asked = useDeferredValue(
    isTimed
      ? JSON.stringify({
          timing: toTiming(values),
          zone: values.zone,
          jitterS: Math.round(Number(values.jitterMinutes) * 60) || 0,
          blackouts: values.blackouts,
          ...(values.agentId && terms.length > 0 && { agentId: values.agentId, targets: terms }),
          ...(id && { id }),
        })
      : '',
  )
  const preview = useQuery({
    ...previewQuery(JSON.parse(asked || '{}') as Parameters<typeof previewQuery>[0]),
    enabled: asked !== '',
  })
  return (
    <Card aria-label={t.nextRuns} className="lg:sticky lg:top-[calc(var(--top-bar,0px)+1rem)]">
      <CardHeader>
        <CardTitle>{t.nextRuns}</CardTitle>
      </CardHeader>
      <CardContent aria-live="polite">
        {!isTimed ? (
          <p className="text-muted-foreground">{t.previewWaits}</p>
        ) : preview.data ? (
          <ComingRuns preview={preview.data} zone={values.zone} most={6} />
        ) : preview.isError ? (
          <ErrorPanel error={preview.error} onRetry={() => void preview.refetch()} isCompact />
        ) : (
          <Skeleton className="h-40 w-full" />
        )}
        {isTimed && preview.data && (
          <OwnConflicts asked={asked} zone={values.zone} onMove={(timing) => onMove(fromTiming(timing))} />
        )}
      </CardContent>
    </Card>
  )
}

/** What this one would be in the way of, and a time at which it is not. */
function OwnConflicts({
  asked,
  zone,
  onMove,
}: {
  readonly asked: string
  readonly zone: string
  readonly onMove: (timing: ScheduleSpec['timing']) => void
}) {
  const t = useMessages('schedules')
  const sentence = useSentence()
  const draft = JSON.parse(asked || '{}') as NonNullable<Parameters<typeof conflictsQuery>[0]>
  const isWhole = draft.agentId !== undefined
  const found = useQuery({ ...conflictsQuery(draft), enabled: isWhole }).data
  if (!isWhole || !found || found.conflicts.length === 0) return null
  const { conflicts, draft: free } = found
  return (
    <section aria-label={t.conflicts} className="mt-4 border-t border-border pt-3">
      <h3 className="mb-2 font-medium">{t.conflicts}</h3>
      <ConflictList conflicts={conflicts} />
      {free && (
        <Button size="sm" variant="secondary" className="mt-2" onClick={() => onMove(free)}>
          {t.useInstead(sentence({ timing: free, zone }))}
        </Button>
      )}
    </section>
  )
}
