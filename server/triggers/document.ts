import { stringify } from 'yaml'
import * as z from 'zod'
import type { AgentManifest } from '../../contract/agent-manifest.ts'
import { type AgentId, agentId } from '../../contract/ids.ts'
import { type TriggerSpec, triggerSpec } from '../../contract/triggers.ts'
import { invalid, lengthText, seconds, toDetail, toLength, toOptions, words } from './written.ts'

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())])

/** What a document may say of a trigger. */
export const triggerShape = z.strictObject({
  kind: z.literal('trigger').optional(),
  name: z.string(),
  when: z.strictObject({
    event: z.enum(['finding', 'node-back', 'node_back', 'execution', 'disk', 'cost', 'webhook']),
    state: oneOrMore.optional(),
    severity: z.string().optional(),
    agent: oneOrMore.optional(),
    rule: oneOrMore.optional(),
    nodes: words.optional(),
    outcome: oneOrMore.optional(),
    percent: z.number().optional(),
    mount: oneOrMore.optional(),
    limit: z.string().optional(),
    signed: z.boolean().optional(),
  }),
  nodes: words.optional(),
  agent: z.string(),
  options: z.record(z.string(), z.unknown()).nullable().optional(),
  timeout: lengthText.optional(),
  cool_down: lengthText.optional(),
  paused: z.boolean().optional(),
})
type DocumentShape = z.infer<typeof triggerShape>

/** Says whether a document is one of a trigger: it names an event to wait for, and no time. */
export const isTriggerDocument = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'when')

/** Reads a trigger. Throws `schedule.document_invalid`, naming the field. */
export function readTrigger(
  value: unknown,
  manifestOf: (id: AgentId) => AgentManifest | undefined,
): TriggerSpec {
  const parsed = triggerShape.safeParse(value)
  if (!parsed.success) throw invalid(toDetail(parsed.error))
  const given = parsed.data
  const agent = agentId.safeParse(toAgent(given.agent))
  if (!agent.success) throw invalid(`agent: ${given.agent} is no name of an agent.`)
  const { options, dryRun } = toOptions(given.options ?? {}, manifestOf(agent.data))
  const spec = triggerSpec.safeParse({
    name: given.name,
    when: toWhen(given.when),
    agentId: agent.data,
    targets: given.nodes ?? null,
    options,
    dryRun,
    timeoutS: given.timeout === undefined ? null : seconds('timeout', given.timeout),
    ...(given.cool_down !== undefined && { coolDownMinutes: seconds('cool_down', given.cool_down) / 60 }),
    paused: given.paused ?? false,
  })
  if (!spec.success) throw invalid(toDetail(spec.error))
  return spec.data
}

const toAgent = (name: string): string => name.replaceAll('_', '-')

function toWhen({ event, state, severity, agent, rule, mount, outcome, ...rest }: DocumentShape['when']) {
  return {
    kind: event.replace('_', '-'),
    ...rest,
    ...(state && { states: state }),
    ...(severity && { least: severity }),
    ...(agent && { agents: agent.map(toAgent) }),
    ...(rule && { rules: rule }),
    ...(mount && { mounts: mount }),
    ...(outcome && { outcomes: outcome }),
  }
}

/** A trigger as YAML; what is as it would be anyway is left out. Addresses and keys of webhooks stay where they are. */
export function toTriggerDocument(spec: TriggerSpec): string {
  const { when, dryRun, options } = spec
  const allOptions = { ...(dryRun && { dry_run: true }), ...options }
  return stringify({
    name: spec.name,
    when: { event: when.kind, ...whenFields(when) },
    ...(spec.targets !== null && { nodes: spec.targets }),
    agent: spec.agentId,
    ...(Object.keys(allOptions).length > 0 && { options: allOptions }),
    ...(spec.timeoutS !== null && { timeout: toLength(spec.timeoutS) }),
    ...(spec.coolDownMinutes !== 10 && { cool_down: toLength(spec.coolDownMinutes * 60) }),
    ...(spec.paused && { paused: true }),
  })
}

function whenFields(when: TriggerSpec['when']): Record<string, unknown> {
  const some = (name: string, values: readonly string[]) => (values.length > 0 ? { [name]: values } : {})
  switch (when.kind) {
    case 'finding':
      return {
        state: when.states,
        severity: when.least,
        ...some('agent', when.agents),
        ...some('rule', when.rules),
        ...some('nodes', when.nodes),
      }
    case 'node-back':
      return some('nodes', when.nodes)
    case 'execution':
      return { outcome: when.outcomes, ...some('agent', when.agents), ...some('nodes', when.nodes) }
    case 'disk':
      return { percent: when.percent, ...some('mount', when.mounts), ...some('nodes', when.nodes) }
    case 'cost':
      return { limit: when.limit, percent: when.percent }
    case 'webhook':
      return when.signed ? {} : { signed: false }
  }
}
