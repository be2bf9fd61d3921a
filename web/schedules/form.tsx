import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Schedule } from '../../contract/schedules.ts'
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
import { Switch } from '../ui/checkbox.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { Select } from '../ui/select.tsx'
import { errorOf, type FormValues, toFormValues, toSpec, wrongFields } from './form-values.ts'
import { MoreFields } from './more-fields.tsx'
import { Preview } from './preview.tsx'
import { Folded, Section } from './section.tsx'
import { WhenFields } from './when-fields.tsx'

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
  const checked = { wrong, isChecked }

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
                : errorOf(checked, 'name', t.nameMissing)
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
          <Field label={t.agent} required error={errorOf(checked, 'agentId', t.agentMissing)}>
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
            <Field label={t.nodes} required hint={t.nodesHint} error={errorOf(checked, 'selection', t.nodesMissing)}>
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
          <WhenFields values={values} put={put} checked={checked} />
        </Section>

        <MoreFields values={values} put={put} checked={checked} />

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
