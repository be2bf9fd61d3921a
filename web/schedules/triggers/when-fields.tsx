import { useQuery } from '@tanstack/react-query'
import { finalStates } from '../../../contract/execution-states.ts'
import { hasNode } from '../../../contract/trigger-terms.ts'
import { agentsQuery } from '../../agents/queries.ts'
import { TargetField } from '../../executions/target-field.tsx'
import { useMessages } from '../../lib/messages.ts'
import { Switch } from '../../ui/checkbox.tsx'
import { Field } from '../../ui/field.tsx'
import { Input } from '../../ui/input.tsx'
import { Select } from '../../ui/select.tsx'
import type { TriggerField, TriggerValues } from './form-values.ts'
import { Ticks } from './ticks.tsx'

interface WhenFieldsProps {
  readonly values: TriggerValues
  readonly put: (changed: Partial<TriggerValues>) => void
  readonly errorOf: (field: TriggerField, text: string) => string | undefined
}

/** What a kind of occasion can be narrowed down by. */
export function WhenFields({ values, put, errorOf }: WhenFieldsProps) {
  const t = useMessages('triggers')
  const ui = useMessages('ui')
  const { kind } = values
  return (
    <>
      {kind === 'finding' && (
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <Ticks
            legend={t.findingIs}
            options={(['new', 'worse'] as const).map((value) => ({ value, label: t.statesLabel[value] }))}
            chosen={values.states}
            onChange={(states) => put({ states })}
            error={errorOf('states', t.oneMissing)}
          />
          <Field label={t.least}>
            <Select
              value={values.least}
              onChange={(event) => put({ least: event.target.value as TriggerValues['least'] })}
            >
              {(['critical', 'high', 'warning', 'info'] as const).map((severity) => (
                <option key={severity} value={severity}>
                  {ui.severities[severity]}
                </option>
              ))}
            </Select>
          </Field>
        </div>
      )}
      {kind === 'execution' && (
        <Ticks
          legend={t.outcomes}
          columns
          options={finalStates.map((value) => ({ value, label: ui.states[value] }))}
          chosen={values.outcomes}
          onChange={(outcomes) => put({ outcomes })}
          error={errorOf('outcomes', t.oneMissing)}
        />
      )}
      {(kind === 'finding' || kind === 'execution') && (
        <Agents chosen={values.agents} onChange={(agents) => put({ agents })} />
      )}
      {kind === 'finding' && (
        <Field label={t.rules} hint={t.rulesHint}>
          <Input
            mono
            spellCheck={false}
            value={values.rules}
            onChange={(event) => put({ rules: event.target.value })}
          />
        </Field>
      )}
      {kind === 'disk' && (
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <Field
            label={t.percent}
            hint={t.percentHint}
            required
            error={errorOf('percent', t.numberWrong('1', '100'))}
          >
            <Input
              inputMode="numeric"
              value={values.percent}
              onChange={(event) => put({ percent: event.target.value })}
            />
          </Field>
          <Field label={t.mounts} hint={t.mountsHint}>
            <Input
              mono
              spellCheck={false}
              value={values.mounts}
              onChange={(event) => put({ mounts: event.target.value })}
            />
          </Field>
        </div>
      )}
      {kind === 'cost' && (
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <Field label={t.limit}>
            <Select
              value={values.limit}
              onChange={(event) => put({ limit: event.target.value as TriggerValues['limit'] })}
            >
              {(['day', 'month', 'agent'] as const).map((limit) => (
                <option key={limit} value={limit}>
                  {t.limits[limit]}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t.share}>
            <Select
              value={String(values.share)}
              onChange={(event) => put({ share: Number(event.target.value) as TriggerValues['share'] })}
            >
              {([50, 80, 100] as const).map((share) => (
                <option key={share} value={share}>
                  {share} %
                </option>
              ))}
            </Select>
          </Field>
        </div>
      )}
      {kind === 'webhook' && (
        <Switch
          label={t.signed}
          hint={t.signedHint}
          checked={values.signed}
          onChange={(event) => put({ signed: event.target.checked })}
        />
      )}
      {hasNode(kind) && (
        <Field label={t.onNodes} hint={t.onNodesHint}>
          <TargetField value={values.nodes} onChange={(nodes) => put({ nodes })} />
        </Field>
      )}
    </>
  )
}

function Agents({
  chosen,
  onChange,
}: {
  readonly chosen: readonly string[]
  readonly onChange: (agents: readonly string[]) => void
}) {
  const t = useMessages('triggers')
  const agents = useQuery(agentsQuery).data?.items ?? []
  const known = agents.map(({ manifest }) => ({ value: manifest.id as string, label: manifest.title }))
  const missing = chosen.filter((id) => !known.some(({ value }) => value === id))
  return (
    <Ticks
      legend={t.ofAgents}
      hint={t.ofAgentsHint}
      columns
      options={[...known, ...missing.map((value) => ({ value, label: value }))]}
      chosen={chosen}
      onChange={onChange}
    />
  )
}
