import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { hasNode, triggerKinds } from '../../../contract/trigger-terms.ts'
import type { Hook, Trigger } from '../../../contract/triggers.ts'
import { checkOptions } from '../../agents/option-rules.ts'
import { OptionsForm } from '../../agents/options-form.tsx'
import { agentsQuery } from '../../agents/queries.ts'
import { ResolvedNodes } from '../../executions/resolved-nodes.tsx'
import { termsOf } from '../../executions/selection.ts'
import { TargetField } from '../../executions/target-field.tsx'
import { useResolved } from '../../executions/use-resolved.ts'
import { ApiError, api } from '../../lib/api.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button } from '../../ui/button.tsx'
import { Switch } from '../../ui/checkbox.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'
import { Input } from '../../ui/input.tsx'
import { RadioCards } from '../../ui/radio-cards.tsx'
import { Select } from '../../ui/select.tsx'
import { Folded, Section } from '../section.tsx'
import {
  isWhereItHappens,
  toTriggerSpec,
  toTriggerValues,
  type TriggerField,
  type TriggerValues,
  wrongTriggerFields,
} from './form-values.ts'
import { WhenFields } from './when-fields.tsx'

interface TriggerFormProps {
  /** The one that is changed, or what a new one begins with. */
  readonly trigger?: Trigger
  readonly onSaved: (saved: { readonly trigger: Trigger; readonly hook: Hook | null }) => void
  readonly onCancel: () => void
}

/** Makes or changes a trigger: what it waits for, and what it starts. */
export function TriggerForm({ trigger, onSaved, onCancel }: TriggerFormProps) {
  const t = useMessages('triggers')
  const queries = useQueryClient()
  const agents = useQuery(agentsQuery)
  const [values, setValues] = useState<TriggerValues>(() => toTriggerValues(trigger ?? {}))
  const [isChecked, setChecked] = useState(false)
  const put = (changed: Partial<TriggerValues>) => setValues((before) => ({ ...before, ...changed }))

  const manifest = agents.data?.items.find((one) => one.manifest.id === values.agentId)?.manifest
  const terms = termsOf(values.selection)
  const isHere = isWhereItHappens(values)
  const resolved = useResolved(values.agentId || undefined, isHere ? [] : terms)
  const wrong = wrongTriggerFields(values)
  const optionsWrong = manifest ? checkOptions(manifest.options, values.options).length > 0 : false
  const errorOf = (field: TriggerField, text: string) => (isChecked && wrong.has(field) ? text : undefined)

  const save = useMutation({
    mutationFn: () => {
      const body = toTriggerSpec(values, trigger)
      return trigger
        ? api.triggers.change({ params: { id: trigger.id }, body })
        : api.triggers.create({ body })
    },
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ['schedules'] })
      onSaved(saved)
    },
  })
  const isNameTaken = save.error instanceof ApiError && save.error.problem.code === 'trigger.name_taken'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setChecked(true)
    if (wrong.size === 0 && !optionsWrong && !save.isPending) save.mutate()
  }

  return (
    <form noValidate onSubmit={submit} className="grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-4">
      <Section title={t.waitsFor}>
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
        <RadioCards
          label={<span className="sr-only">{t.waitsFor}</span>}
          name="kind"
          columns={3}
          value={values.kind}
          options={triggerKinds.map((value) => ({
            value,
            title: t.kinds[value][0],
            text: t.kinds[value][1],
          }))}
          onChange={(event) => put({ kind: event.target.value as TriggerValues['kind'] })}
        />
        <WhenFields values={values} put={put} errorOf={errorOf} />
      </Section>

      <Section title={t.starts}>
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
        {hasNode(values.kind) && (
          <RadioCards
            label={t.where}
            name="where"
            columns={2}
            value={values.isSameNode ? 'same' : 'chosen'}
            options={(['same', 'chosen'] as const).map((value) => ({
              value,
              title: t.places[value][0],
              text: t.places[value][1],
            }))}
            onChange={(event) => put({ isSameNode: event.target.value === 'same' })}
          />
        )}
        {!isHere && (
          <div className="space-y-2">
            <Field label={t.nodes} required hint={t.nodesHint} error={errorOf('selection', t.nodesMissing)}>
              <TargetField value={values.selection} onChange={(selection) => put({ selection })} />
            </Field>
            {values.agentId && terms.length > 0 && (
              <ResolvedNodes resolved={resolved} isEmpty={false} compact />
            )}
          </div>
        )}
        {manifest && manifest.actions.length > 0 && (
          <Switch
            label={t.dryRunLabel}
            hint={t.dryRunHint}
            checked={values.dryRun}
            onChange={(event) => put({ dryRun: event.target.checked })}
          />
        )}
        {manifest && Object.keys(manifest.options.properties).length > 0 && (
          <Folded title={t.options} isOpen={optionsWrong || Object.keys(trigger?.options ?? {}).length > 0}>
            <OptionsForm
              schema={manifest.options}
              value={values.options}
              onChange={(options) => put({ options })}
              issues={save.error instanceof ApiError ? save.error.issues : []}
              isChecked={isChecked}
            />
          </Folded>
        )}
        <Field
          label={t.coolDown}
          hint={isHere ? t.coolDownHintNode : t.coolDownHint}
          error={errorOf('coolDown', t.numberWrong('0', '10,080'))}
        >
          <Input
            inputMode="numeric"
            className="sm:max-w-40"
            value={values.coolDown}
            onChange={(event) => put({ coolDown: event.target.value })}
          />
        </Field>
        <p className="text-sm text-muted-foreground text-pretty">{t.loops}</p>
      </Section>

      {save.isError && !isNameTaken && <ErrorPanel error={save.error} isCompact />}
      <div className="flex flex-wrap items-center justify-end gap-2 max-sm:*:flex-1">
        <Button variant="ghost" onClick={onCancel}>
          {t.cancel}
        </Button>
        <Button type="submit" isLoading={save.isPending}>
          {trigger ? t.save : t.create}
        </Button>
      </div>
    </form>
  )
}
