import type { Severity } from '../../../contract/agent-protocol.ts'
import type { FinalState } from '../../../contract/execution-states.ts'
import { hasNode, type TriggerKind } from '../../../contract/trigger-terms.ts'
import type { Trigger, TriggerSpec, TriggerWhen } from '../../../contract/triggers.ts'
import { parseTargets } from '../../../contract/target-terms.ts'
import { type Selection, termsOf, toSelection } from '../../executions/selection.ts'

/** A trigger as it stands in a form: the fields of every kind, so that nothing is lost by a look at another one. */
export interface TriggerValues {
  readonly name: string
  readonly kind: TriggerKind
  readonly states: readonly ('new' | 'worse')[]
  readonly least: Severity
  readonly agents: readonly string[]
  /** With commas between them. */
  readonly rules: string
  readonly mounts: string
  /** Of what happens. */
  readonly nodes: Selection
  readonly outcomes: readonly FinalState[]
  readonly percent: string
  readonly limit: 'day' | 'month' | 'agent'
  readonly share: 50 | 80 | 100
  readonly signed: boolean
  readonly agentId: string
  readonly isSameNode: boolean
  readonly selection: Selection
  readonly options: Readonly<Record<string, unknown>>
  readonly dryRun: boolean
  readonly coolDown: string
}

export type TriggerField = 'name' | 'states' | 'outcomes' | 'percent' | 'agentId' | 'selection' | 'coolDown'

export function toTriggerValues(given: Partial<Trigger>): TriggerValues {
  const when = given.when
  const of = <Kind extends TriggerKind>(kind: Kind) =>
    (when?.kind === kind ? when : undefined) as Extract<TriggerWhen, { kind: Kind }> | undefined
  return {
    name: given.name ?? '',
    kind: when?.kind ?? 'finding',
    states: of('finding')?.states ?? ['new', 'worse'],
    least: of('finding')?.least ?? 'warning',
    agents: of('finding')?.agents ?? of('execution')?.agents ?? [],
    rules: (of('finding')?.rules ?? []).join(', '),
    mounts: (of('disk')?.mounts ?? []).join(', '),
    nodes: toSelection(when && 'nodes' in when ? when.nodes : []),
    outcomes: of('execution')?.outcomes ?? ['succeeded'],
    percent: String(of('disk')?.percent ?? 90),
    limit: of('cost')?.limit ?? 'month',
    share: of('cost')?.percent ?? 80,
    signed: of('webhook')?.signed ?? true,
    agentId: given.agentId ?? '',
    isSameNode: (given.targets ?? null) === null,
    selection: toSelection(given.targets ?? []),
    options: given.options ?? {},
    dryRun: given.dryRun ?? false,
    coolDown: String(given.coolDownMinutes ?? 10),
  }
}

const isWhole = (text: string, least: number, most: number): boolean =>
  /^\d{1,6}$/.test(text.trim()) && Number(text) >= least && Number(text) <= most

/** Whether it runs where it happens; what has no node never does. */
export const isWhereItHappens = ({ kind, isSameNode }: TriggerValues): boolean => isSameNode && hasNode(kind)

/** The fields that cannot be sent as they are. */
export function wrongTriggerFields(values: TriggerValues): Set<TriggerField> {
  const { kind } = values
  const checks: Readonly<Record<TriggerField, boolean>> = {
    name: values.name.trim() !== '',
    states: kind !== 'finding' || values.states.length > 0,
    outcomes: kind !== 'execution' || values.outcomes.length > 0,
    percent: kind !== 'disk' || isWhole(values.percent, 1, 100),
    agentId: values.agentId !== '',
    selection: isWhereItHappens(values) || termsOf(values.selection).length > 0,
    coolDown: isWhole(values.coolDown, 0, 10_080),
  }
  return new Set((Object.keys(checks) as TriggerField[]).filter((field) => !checks[field]))
}

function toWhen(values: TriggerValues): TriggerWhen {
  const nodes = termsOf(values.nodes)
  const agents = [...values.agents]
  switch (values.kind) {
    case 'finding':
      return {
        kind: 'finding',
        states: [...values.states],
        least: values.least,
        agents,
        rules: parseTargets(values.rules),
        nodes,
      }
    case 'node-back':
      return { kind: 'node-back', nodes }
    case 'execution':
      return { kind: 'execution', agents, outcomes: [...values.outcomes], nodes }
    case 'disk':
      return { kind: 'disk', percent: Number(values.percent), mounts: parseTargets(values.mounts), nodes }
    case 'cost':
      return { kind: 'cost', limit: values.limit, percent: values.share }
    case 'webhook':
      return { kind: 'webhook', signed: values.signed }
  }
}

/** What is sent, of values that are right. What the form does not ask for stays as `before` has it. */
export const toTriggerSpec = (values: TriggerValues, before: Trigger | undefined): TriggerSpec => ({
  name: values.name.trim(),
  when: toWhen(values),
  agentId: values.agentId,
  targets: isWhereItHappens(values) ? null : termsOf(values.selection),
  options: { ...values.options },
  dryRun: values.dryRun,
  timeoutS: before?.timeoutS ?? null,
  coolDownMinutes: Number(values.coolDown),
  paused: before?.paused ?? false,
})
