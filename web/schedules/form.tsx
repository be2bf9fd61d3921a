import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useDeferredValue, useState } from 'react'
import type { Schedule, ScheduleSpec } from '../../contract/schedules.ts'
import { checkOptions } from '../agents/option-rules.ts'
import { OptionsForm } from '../agents/options-form.tsx'
import { agentsQuery } from '../agents/queries.ts'
import { ResolvedNodes } from '../executions/resolved-nodes.tsx'
import { termsOf } from '../executions/selection.ts'
import { TargetField } from '../executions/target-field.tsx'
import { useResolved } from '../executions/use-resolved.ts'
import { ApiError, api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { Switch } from '../ui/checkbox.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { RadioCards } from '../ui/radio-cards.tsx'
import { Select } from '../ui/select.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { Blackouts } from './blackouts.tsx'
import { ComingRuns } from './coming.tsx'
import { ConflictList } from './conflicts.tsx'
import { CronField } from './cron-field.tsx'
import {
  type FormField,
  type FormValues,
  fromTiming,
  toFormValues,
  toSpec,
  toTiming,
  wrongFields,
} from './form-values.ts'
import { conflictsQuery, previewQuery } from './queries.ts'
import { Folded, Section } from './section.tsx'
import { useSentence } from './words.ts'

interface ScheduleFormProps {
  /** The one that is changed, or what a new one begins with. */
  readonly schedule?: Schedule
  readonly initial?: Partial<Schedule>
  readonly onSaved: (schedule: Schedule) => void
  readonly onCancel: () => void
}

const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

/** Makes or changes a schedule; beside it stands when it would run. */
export function ScheduleForm({ schedule, initial = {}, onSaved, onCancel }: ScheduleFormProps) {
  const t = useMessages('schedules')
  const queries = useQueryClient()
  const agents = useQuery(agentsQuery)
  const [values, setValues] = useState<FormValues>(() =>
    toFormValues(schedule ?? initial, { zone: ownZone(), now: new Date().toISOString() }),
  )
  const [isChecked, setChecked] = useState(false)
  const put = (changed: Partial<FormValues>) => setValues((before) => ({ ...before, ...changed }))

  const manifest = agents.data?.items.find((one) => one.manifest.id === values.agentId)?.manifest
  const terms = termsOf(values.selection)
  const resolved = useResolved(values.agentId || undefined, terms)
  const wrong = wrongFields(values)
  const optionsWrong = manifest ? checkOptions(manifest.options, values.options).length > 0 : false
  const errorOf = (field: FormField, text: string) => (isChecked && wrong.has(field) ? text : undefined)

  const save = useMutation({
    mutationFn: () =>
      schedule
        ? api.schedules.change({ params: { id: schedule.id }, body: toSpec(values) })
        : api.schedules.create({ body: toSpec(values) }),
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ['schedules'] })
      onSaved(saved)
    },
  })
  const isNameTaken = save.error instanceof ApiError && save.error.problem.code === 'schedule.name_taken'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setChecked(true)
    if (wrong.size === 0 && !optionsWrong && !save.isPending) save.mutate()
  }
  const moreWrong = ['withinHours', 'most', 'jitterMinutes', 'blackouts'] as const

  return (
    <form
      noValidate
      onSubmit={submit}
      className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]"
    >
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-4">
        <Section title={t.what}>
          <Field
            label={t.name}
            required
            error={
              isNameTaken && save.error instanceof ApiError
                ? save.error.problem.title
                : errorOf('name', t.nameMissing)
            }
          >
            <Input
              value={values.name}
              maxLength={120}
              onChange={(event) => {
                put({ name: event.target.value })
                if (isNameTaken) save.reset()
              }}
            />
          </Field>
          {agents.isError && (
            <ErrorPanel error={agents.error} onRetry={() => void agents.refetch()} isCompact />
          )}
          <Field label={t.agent} required error={errorOf('agentId', t.agentMissing)}>
            <Select
              value={values.agentId}
              onChange={(event) => put({ agentId: event.target.value, options: {} })}
            >
              <option value="">{t.chooseAgent}</option>
              {values.agentId !== '' && agents.data && !manifest && (
                <option value={values.agentId}>{values.agentId}</option>
              )}
              {agents.data?.items.map((one) => (
                <option key={one.manifest.id} value={one.manifest.id}>
                  {one.manifest.title}
                </option>
              ))}
            </Select>
          </Field>
          <div className="space-y-2">
            <Field label={t.nodes} required hint={t.nodesHint} error={errorOf('selection', t.nodesMissing)}>
              <TargetField value={values.selection} onChange={(selection) => put({ selection })} />
            </Field>
            {values.agentId && terms.length > 0 && (
              <ResolvedNodes resolved={resolved} isEmpty={false} compact />
            )}
          </div>
          {manifest && manifest.actions.length > 0 && (
            <Switch
              label={t.dryRunLabel}
              hint={t.dryRunHint}
              checked={values.dryRun}
              onChange={(event) => put({ dryRun: event.target.checked })}
            />
          )}
          {manifest && Object.keys(manifest.options.properties).length > 0 && (
            <Folded
              title={t.options}
              isOpen={optionsWrong || Object.keys(schedule?.options ?? {}).length > 0}
            >
              <OptionsForm
                schema={manifest.options}
                value={values.options}
                onChange={(options) => put({ options })}
                issues={save.error instanceof ApiError ? save.error.issues : []}
                isChecked={isChecked}
              />
            </Folded>
          )}
        </Section>

        <Section title={t.when}>
          <RadioCards
            label={<span className="sr-only">{t.when}</span>}
            name="kind"
            columns={3}
            value={values.kind}
            options={(['cron', 'interval', 'once'] as const).map((value) => ({
              value,
              title: t.kinds[value][0],
              text: t.kinds[value][1],
            }))}
            onChange={(event) => put({ kind: event.target.value as FormValues['kind'] })}
          />
          {values.kind === 'cron' && (
            <CronField value={values.cron} onChange={(cron) => put({ cron })} isChecked={isChecked} />
          )}
          {values.kind === 'interval' && (
            <Field label={t.everyMinutes} required error={errorOf('everyMinutes', t.everyMinutesWrong)}>
              <Input
                inputMode="numeric"
                className="sm:max-w-40"
                value={values.everyMinutes}
                onChange={(event) => put({ everyMinutes: event.target.value })}
              />
            </Field>
          )}
          {values.kind === 'once' && (
            <Field label={t.onceAt} required error={errorOf('onceAt', t.onceAtWrong)}>
              <Input
                type="datetime-local"
                className="sm:max-w-64"
                value={values.onceAt}
                onChange={(event) => put({ onceAt: event.target.value.slice(0, 16) })}
              />
            </Field>
          )}
          <ZoneField
            value={values.zone}
            onChange={(zone) => put({ zone })}
            error={wrong.has('zone') ? t.zoneWrong : undefined}
          />
        </Section>

        <Folded
          title={t.moreSettings}
          hint={t.moreSettingsHint}
          isOpen={isChecked && moreWrong.some((field) => wrong.has(field))}
        >
          <RadioCards
            label={t.catchUp}
            name="policy"
            columns={3}
            value={values.policy}
            options={(['once', 'skip', 'all'] as const).map((value) => ({
              value,
              title: t.catchUps[value][0],
              text: t.catchUps[value][1],
            }))}
            onChange={(event) => put({ policy: event.target.value as FormValues['policy'] })}
          />
          {values.policy !== 'skip' && (
            <div className="grid gap-4 sm:grid-cols-2">
              <Field label={t.withinHours} error={errorOf('withinHours', t.numberWrong('1', '744'))}>
                <Input
                  inputMode="numeric"
                  value={values.withinHours}
                  onChange={(event) => put({ withinHours: event.target.value })}
                />
              </Field>
              {values.policy === 'all' && (
                <Field label={t.most} error={errorOf('most', t.numberWrong('1', '100'))}>
                  <Input
                    inputMode="numeric"
                    value={values.most}
                    onChange={(event) => put({ most: event.target.value })}
                  />
                </Field>
              )}
            </div>
          )}
          <RadioCards
            label={t.overlap}
            name="overlap"
            columns={3}
            value={values.overlap}
            options={(['skip', 'queue', 'parallel'] as const).map((value) => ({
              value,
              title: t.overlaps[value][0],
              text: t.overlaps[value][1],
            }))}
            onChange={(event) => put({ overlap: event.target.value as FormValues['overlap'] })}
          />
          <Field
            label={t.jitterMinutes}
            hint={t.jitterHint}
            error={errorOf('jitterMinutes', t.numberWrong('0', '60'))}
          >
            <Input
              inputMode="decimal"
              className="sm:max-w-40"
              value={values.jitterMinutes}
              onChange={(event) => put({ jitterMinutes: event.target.value })}
            />
          </Field>
          <Blackouts values={values} put={put} isWrong={isChecked && wrong.has('blackouts')} />
        </Folded>

        {save.isError && !isNameTaken && <ErrorPanel error={save.error} isCompact />}
        <div className="flex flex-wrap items-center justify-end gap-2 max-sm:*:flex-1">
          <Button variant="ghost" onClick={onCancel}>
            {t.cancel}
          </Button>
          <Button type="submit" isLoading={save.isPending}>
            {schedule ? t.save : t.create}
          </Button>
        </div>
      </div>
      <Preview values={values} id={schedule?.id} terms={terms} onMove={put} />
    </form>
  )
}

/** When it would run, as the server sees it. */
function Preview({
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

function ZoneField({
  value,
  onChange,
  error,
}: {
  readonly value: string
  readonly onChange: (zone: string) => void
  readonly error: string | undefined
}) {
  const t = useMessages('schedules')
  const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')]
  return (
    <Field label={t.zone} hint={t.zoneHint} error={error}>
      <Select className="sm:max-w-80" value={value} onChange={(event) => onChange(event.target.value)}>
        {!zones.includes(value) && <option value={value}>{value}</option>}
        {zones.map((zone) => (
          <option key={zone} value={zone}>
            {zone}
          </option>
        ))}
      </Select>
    </Field>
  )
}
