import { isMap, parseDocument, stringify } from 'yaml'
import * as z from 'zod'
import type { AgentManifest } from '../../contract/agent-manifest.ts'
import { agentId, type AgentId } from '../../contract/ids.ts'
import { weekdayWords } from '../../contract/occurrences.ts'
import { type CatchUp, catchUp, overlap, type ScheduleSpec, scheduleSpec } from '../../contract/schedules.ts'
import type { TriggerSpec } from '../../contract/triggers.ts'
import { isAppError, toMessage } from '../lib/errors.ts'
import { isTriggerDocument, readTrigger } from '../triggers/document.ts'
import { invalid, lengthText, seconds, toDetail, toLength, toOptions, words } from '../triggers/written.ts'

/** More in one text is a mistake. */
const mostDocuments = 1_000

/** What a document may say, in the words of those who write it. */
export const scheduleShape = z.strictObject({
  kind: z.literal('schedule').optional(),
  name: z.string(),
  schedule: z.string().optional(),
  every: lengthText.optional(),
  from: z.string().optional(),
  once: z.string().optional(),
  timezone: z.string().optional(),
  nodes: words,
  agent: z.string(),
  options: z.record(z.string(), z.unknown()).nullable().optional(),
  timeout: lengthText.optional(),
  jitter: lengthText.optional(),
  overlap: overlap.optional(),
  catch_up: z
    .union([
      catchUp.shape.policy.unwrap(),
      z.strictObject({
        policy: catchUp.shape.policy.unwrap(),
        within: lengthText.optional(),
        most: z.number().optional(),
      }),
    ])
    .optional(),
  blackout: z
    .array(
      z.strictObject({
        days: z.array(z.string()).optional(),
        from: z.string(),
        to: z.string(),
      }),
    )
    .optional(),
  paused: z.boolean().optional(),
  notifications: z.record(z.string(), z.unknown()).nullable().optional(),
  estimated_cost: z.union([z.string(), z.number()]).optional(),
})
type DocumentShape = z.infer<typeof scheduleShape>

/**
 * A schedule as a document says it, and the text it stands in; null for one of a list, whose text is shared. Or a trigger,
 * which waits for something to happen.
 */
export type ReadDocument =
  | { readonly kind: 'schedule'; readonly spec: ScheduleSpec; readonly source: string | null }
  | { readonly kind: 'trigger'; readonly spec: TriggerSpec }

interface Surroundings {
  /** Where a document names no zone. */
  readonly zone: string
  /** Where an interval names no first time, ISO 8601. */
  readonly now: string
  /** Undefined for an agent that is not there. */
  manifestOf(id: AgentId): AgentManifest | undefined
}

/**
 * Reads schedules from YAML: one or several documents, each one schedule or a list of them. Agents and options may be
 * written with underscores. Throws `schedule.document_invalid` naming the document and the field.
 */
export function readDocuments(text: string, around: Surroundings): ReadDocument[] {
  const found: ReadDocument[] = []
  for (const [index, part] of splitDocuments(text).entries()) {
    const place = `Document ${index + 1}`
    const document = parseDocument(part, { prettyErrors: true, uniqueKeys: true })
    const [wrong] = document.errors
    if (wrong) throw invalid(`${place}: ${wrong.message}`)
    let value: unknown
    try {
      // A document of aliases to aliases would grow without end.
      value = document.toJS({ maxAliasCount: 100 })
    } catch (error) {
      throw invalid(`${place}: ${toMessage(error)}`)
    }
    if (value === null || value === undefined) continue
    const isList = Array.isArray(value)
    for (const one of isList ? (value as unknown[]) : [value]) {
      if (found.length >= mostDocuments) throw invalid(`There are more than ${mostDocuments} schedules.`)
      found.push(
        isTriggerDocument(one)
          ? { kind: 'trigger', spec: named(place, one, () => readTrigger(one, around.manifestOf)) }
          : {
              kind: 'schedule',
              spec: toSpec(one, place, around),
              source: isMap(document.contents) ? part : null,
            },
      )
    }
  }
  if (found.length === 0) throw invalid('There is no schedule in it.')
  const names = new Set<string>()
  for (const { kind, spec } of found) {
    const key = `${kind} ${spec.name.toLowerCase()}`
    if (names.has(key)) throw invalid(`There are two ${kind}s called ${spec.name}.`)
    names.add(key)
  }
  return found
}

/** At the lines that begin a document, so that each keeps its text, comments and all. */
const splitDocuments = (text: string): string[] => text.replace(/^\ufeff/, '').split(/^---[ \t]*\r?\n/m)

function toSpec(value: unknown, place: string, around: Surroundings): ScheduleSpec {
  const parsed = scheduleShape.safeParse(value)
  if (!parsed.success) throw invalid(`${place}: ${toDetail(parsed.error)}`)
  const given = parsed.data
  return named(place, given, () => {
    const agent = agentId.safeParse(given.agent.replaceAll('_', '-'))
    if (!agent.success) throw invalid(`agent: ${given.agent} is no name of an agent.`)
    const { options, dryRun } = toOptions(given.options ?? {}, around.manifestOf(agent.data))
    const spec = scheduleSpec.safeParse({
      name: given.name,
      timing: timingOf(given, around.now),
      zone: given.timezone ?? around.zone,
      jitterS: given.jitter === undefined ? 0 : seconds('jitter', given.jitter),
      blackouts: (given.blackout ?? []).map(({ days = [], from, to }) => ({
        days: days.map((day) => toWeekday(day)),
        from,
        to,
      })),
      agentId: agent.data,
      targets: given.nodes,
      options,
      dryRun,
      timeoutS: given.timeout === undefined ? null : seconds('timeout', given.timeout),
      catchUp: toCatchUp(given.catch_up),
      overlap: given.overlap ?? 'skip',
      paused: given.paused ?? false,
      notifications: given.notifications ?? null,
      estimatedCost: given.estimated_cost === undefined ? null : String(given.estimated_cost),
    })
    if (!spec.success) throw invalid(toDetail(spec.error))
    return spec.data
  })
}

/** What is wrong in a document, with where that stands. */
function named<Spec>(place: string, value: unknown, read: () => Spec): Spec {
  try {
    return read()
  } catch (error) {
    if (!isAppError(error)) throw error
    const { name } = (value ?? {}) as { name?: unknown }
    throw invalid(`${place}${typeof name === 'string' ? ` (${name})` : ''}: ${error.problem.detail}`)
  }
}

function timingOf(given: DocumentShape, now: string): unknown {
  const { schedule, every, from, once } = given
  if ([schedule, every, once].filter((one) => one !== undefined).length !== 1) {
    throw invalid('Write one of schedule (cron), every or once.')
  }
  if (schedule !== undefined) return { kind: 'cron', cron: schedule }
  if (once !== undefined) return { kind: 'once', at: once.trim().replace(' ', 'T') }
  const everyMinutes = seconds('every', every ?? '') / 60
  const first = from === undefined ? Date.parse(now) : Date.parse(from)
  if (Number.isNaN(first)) throw invalid(`from: ${from} is no instant like 2026-11-26T07:00:00Z.`)
  return { kind: 'interval', everyMinutes, from: new Date(first).toISOString() }
}

function toCatchUp(given: DocumentShape['catch_up']): CatchUp {
  if (given === undefined) return catchUp.parse({})
  if (typeof given === 'string') return catchUp.parse({ policy: given })
  const { policy, within, most } = given
  return catchUp.parse({
    policy,
    ...(within !== undefined && { withinHours: seconds('within', within) / 3_600 }),
    ...(most !== undefined && { most }),
  })
}

const toWeekday = (day: string): string => {
  const short = day.trim().toLowerCase().slice(0, 3)
  if (!(weekdayWords as readonly string[]).includes(short)) throw invalid(`blackout: ${day} is no day.`)
  return short
}

/** A schedule as YAML; what is as it would be anyway is left out. */
export function toDocument(spec: ScheduleSpec): string {
  const { timing, catchUp: makesUp } = spec
  const isCatchUpPlain = makesUp.withinHours === 24 && makesUp.most === 5
  const { dryRun, options } = spec
  const allOptions = { ...(dryRun && { dry_run: true }), ...options }
  return stringify({
    name: spec.name,
    ...(timing.kind === 'cron' && { schedule: timing.cron }),
    ...(timing.kind === 'interval' && { every: toLength(timing.everyMinutes * 60), from: timing.from }),
    ...(timing.kind === 'once' && { once: timing.at.replace('T', ' ') }),
    timezone: spec.zone,
    nodes: spec.targets,
    agent: spec.agentId,
    ...(Object.keys(allOptions).length > 0 && { options: allOptions }),
    ...(spec.timeoutS !== null && { timeout: toLength(spec.timeoutS) }),
    ...(spec.jitterS > 0 && { jitter: toLength(spec.jitterS) }),
    ...(spec.overlap !== 'skip' && { overlap: spec.overlap }),
    ...(isCatchUpPlain
      ? makesUp.policy !== 'once' && { catch_up: makesUp.policy }
      : { catch_up: { policy: makesUp.policy, within: `${makesUp.withinHours}h`, most: makesUp.most } }),
    ...(spec.blackouts.length > 0 && {
      blackout: spec.blackouts.map(({ days, from, to }) => ({ ...(days.length > 0 && { days }), from, to })),
    }),
    ...(spec.paused && { paused: true }),
    ...(spec.notifications !== null && { notifications: spec.notifications }),
    ...(spec.estimatedCost !== null && { estimated_cost: spec.estimatedCost }),
  })
}
