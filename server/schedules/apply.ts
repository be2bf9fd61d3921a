import type { AgentId, ScheduleId, TriggerId } from '../../contract/ids.ts'
import type { AppliedSchedule, ScheduleSpec } from '../../contract/schedules.ts'
import type { TriggerSpec } from '../../contract/triggers.ts'
import type { Catalogue } from '../agents/catalogue.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Executions } from '../executions/executions.ts'
import { type Actor, serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { isAppError } from '../lib/errors.ts'
import type { Nodes } from '../nodes/nodes.ts'
import { differencesOf } from '../triggers/difference.ts'
import type { Triggers } from '../triggers/triggers.ts'
import { needMayName } from './addresses.ts'
import { readDocuments } from './document.ts'
import type { KeptSchedules } from './kept-schedules.ts'
import type { ScheduleStore } from './store.ts'
import { readWishes } from './wishes.ts'

interface ApplyTools {
  readonly db: Database
  readonly store: ScheduleStore
  readonly kept: KeptSchedules
  readonly catalogue: Catalogue
  readonly nodes: Pick<Nodes, 'forSelection'>
  readonly executions: Pick<Executions, 'plan'>
  readonly triggers: Pick<Triggers, 'documents'>
  readonly clock: Clock
  /** The zone of a document that names none. */
  defaultZone(): Promise<string>
  /** Hears of each schedule that was written, once that is durable. */
  changed(id: ScheduleId): void
}

/** Makes of schedules and triggers what a text of documents says. */
export function createApply(tools: ApplyTools) {
  const { db, store, kept, catalogue, nodes, executions, clock } = tools

  /** Creates and changes what a text of documents says, or only tells what it would. Schedules are found by their names. */
  async function apply(text: string, dryRun: boolean, actor: Actor): Promise<AppliedSchedule[]> {
    const all = await nodes.forSelection()
    const documents = readDocuments(text, {
      zone: await tools.defaultZone(),
      now: clock.now().toISOString(),
      manifestOf: (id) => entryOf(id)?.manifest,
    })
    const { documents: ofTriggers } = tools.triggers
    const touched: ScheduleId[] = []
    const touchedTriggers: TriggerId[] = []

    async function applyTrigger(tx: Tx, spec: TriggerSpec): Promise<AppliedSchedule> {
      const before = (await ofTriggers.findByName(spec.name, tx)) ?? null
      const differences = differencesOf(before && ofTriggers.specOf(before), spec)
      const kind = before === null ? 'new' : differences.length > 0 ? 'changed' : 'same'
      let id = before?.id ?? null
      if (!dryRun && kind !== 'same') {
        const written = before
          ? await ofTriggers.replace(tx, before, spec, actor)
          : await ofTriggers.insert(tx, spec, actor)
        id = written.id
        touchedTriggers.push(id)
      }
      // Where it runs is only known once something happens.
      const warnings = warningsOf({ ...spec, targets: spec.targets ?? ['all'] }, all)
      return { what: 'trigger', name: spec.name, id, kind, differences, warnings }
    }

    async function applySchedule(tx: Tx, said: ScheduleSpec, source: string | null): Promise<AppliedSchedule> {
      const before = (await store.findByName(said.name, tx)) ?? null
      const was = before && kept.specOf(before)
      const spec = was ? keptAnchor(was, said) : said
      needMayName(actor, was, spec)
      const differences = differencesOf(was, spec)
      const kind = was === null ? 'new' : differences.length > 0 ? 'changed' : 'same'
      let id = before?.id ?? null
      if (!dryRun) {
        if (before === null) id = await kept.insert(tx, spec, source, actor)
        else await kept.replace(tx, before, spec, source, actor)
        if (id !== null) touched.push(id)
      }
      const warnings = [...warningsOf(spec, all), ...unknownIn(spec)]
      return { what: 'schedule', name: spec.name, id, kind, differences, warnings }
    }

    const items = await db.write(async (tx) => {
      const applied: AppliedSchedule[] = []
      for (const document of documents) {
        applied.push(
          document.kind === 'trigger'
            ? await applyTrigger(tx, document.spec)
            : await applySchedule(tx, document.spec, document.source),
        )
      }
      return applied
    })
    for (const id of touched) tools.changed(id)
    for (const id of touchedTriggers) await ofTriggers.settled(id)
    return items
  }

  const entryOf = (id: AgentId) => catalogue.list().find(({ manifest }) => manifest.id === id)

  /** What will keep a schedule from running as things are. */
  function warningsOf(
    spec: Pick<ScheduleSpec, 'agentId' | 'options' | 'dryRun' | 'timeoutS' | 'targets'>,
    all: Awaited<ReturnType<Nodes['forSelection']>>,
  ): string[] {
    try {
      const { agentId, options, dryRun, timeoutS } = spec
      executions.plan({ agentId, options, dryRun, timeoutS, targets: [...spec.targets] }, serverActor, all)
      return []
    } catch (error) {
      if (!isAppError(error)) throw error
      return [error.problem.detail]
    }
  }

  return apply
}

/** What a document says about notifications that nobody understands. */
const unknownIn = ({ name, notifications }: ScheduleSpec): string[] =>
  notifications === null
    ? []
    : readWishes({ id: '' as ScheduleId, name }, notifications).unknown.map(
        (one) => `notifications: ${one} is not known, so nobody is told by it.`,
      )

/** An interval whose document names no first time goes on from where it began. */
function keptAnchor(was: ScheduleSpec, said: ScheduleSpec): ScheduleSpec {
  const isSame =
    was.timing.kind === 'interval' &&
    said.timing.kind === 'interval' &&
    was.timing.everyMinutes === said.timing.everyMinutes
  return isSame ? { ...said, timing: was.timing } : said
}
