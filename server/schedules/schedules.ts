import type { CostEstimate } from '../../contract/costs.ts'
import type { AgentId, ScheduleId } from '../../contract/ids.ts'
import type { PageQuery } from '../../contract/page.ts'
import type { Schedule, ScheduleMove, SchedulePreview, ScheduleSpec } from '../../contract/schedules.ts'
import type { Catalogue } from '../agents/catalogue.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import type { Executions } from '../executions/executions.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { NewId } from '../lib/id.ts'
import type { Logger } from '../lib/logger.ts'
import { toPage } from '../lib/page.ts'
import type { Nodes } from '../nodes/nodes.ts'
import type { Notices } from '../notices/notices.ts'
import { differencesOf } from '../triggers/difference.ts'
import { toTriggerDocument } from '../triggers/document.ts'
import type { Triggers } from '../triggers/triggers.ts'
import type { Vault } from '../vault/vault.ts'
import { maskAddresses, needMayName } from './addresses.ts'
import { readCalendar } from './ahead/calendar.ts'
import { createConflicts } from './ahead/conflicts.ts'
import { createPreview } from './ahead/preview.ts'
import { createApply } from './apply.ts'
import { toDocument } from './document.ts'
import { createKeptSchedules } from './kept-schedules.ts'
import { standingOf } from './standing.ts'
import { createScheduleStore, type StoredSchedule } from './store.ts'
import { createTimekeeper } from './timekeeper.ts'
import { readWishes, type Wishes } from './wishes.ts'

interface ScheduleTools {
  db: Database
  vault: Vault
  catalogue: Catalogue
  nodes: Pick<Nodes, 'forSelection'>
  executions: Executions
  triggers: Pick<Triggers, 'documents'>
  audit: Audit
  notices: Pick<Notices, 'put'>
  events: EventBus
  clock: Clock
  newId: NewId
  logger: Logger
  /** What a model costs in one run. */
  estimate(agentId: AgentId): Promise<CostEstimate>
  /** What may be spent in a day and in a month; null for no limit. */
  limits(): Promise<{ readonly dayNanoUsd: number | null; readonly monthNanoUsd: number | null }>
  /** The zone of a document that names none. */
  defaultZone(): Promise<string>
}

/** What runs by itself: when, on what, and what became of it. */
export function createSchedules(tools: ScheduleTools) {
  const { db, catalogue, nodes, executions, audit, events, clock, logger } = tools
  const store = createScheduleStore(db)
  const kept = createKeptSchedules({ ...tools, store })
  const preview = createPreview(tools)
  const timekeeper = createTimekeeper({
    db,
    store,
    executions,
    nodes,
    notices: tools.notices,
    events,
    clock,
    logger,
  })

  /** Throws `schedule.not_found`. */
  async function stored(id: ScheduleId): Promise<StoredSchedule> {
    const schedule = await store.find(id)
    if (!schedule) throw fail('schedule.not_found')
    return schedule
  }

  async function present(schedules: readonly StoredSchedule[]): Promise<Schedule[]> {
    const last = await store.latest(schedules.map(({ id }) => id))
    return schedules.map((schedule) => {
      const spec = kept.specOf(schedule)
      const newest = last.get(schedule.id) ?? null
      return {
        ...spec,
        notifications: spec.notifications && (maskAddresses(spec.notifications) as Record<string, unknown>),
        id: schedule.id,
        standing: standingOf(schedule, newest, clock.now().getTime()),
        nextAt: schedule.nextDueAt,
        last: newest,
        createdBy: schedule.createdBy,
        createdAt: schedule.createdAt,
        updatedAt: schedule.updatedAt,
      }
    })
  }

  async function presentOne(id: ScheduleId): Promise<Schedule> {
    const [shown] = await present([await stored(id)])
    if (!shown) throw fail('schedule.not_found')
    return shown
  }

  /** One page by name; the cursor is the name of the last one seen. */
  async function list({ cursor, limit, search }: PageQuery & { search?: string | undefined }) {
    const found = await store.page({ afterName: cursor ?? null, limit: limit + 1, search })
    const { items, nextCursor } = toPage(found, limit, ({ name }) => name)
    return { items: await present(items), nextCursor }
  }

  function changed(id: ScheduleId): void {
    timekeeper.look()
    events.emit('schedule.changed', { scheduleId: id })
  }

  /** Throws `schedule.name_taken`, `schedule.address_needs_admin`, `agent.not_found` and `agent.options_invalid`. */
  async function create(spec: ScheduleSpec, actor: Actor): Promise<Schedule> {
    catalogue.get(spec.agentId).checkOptions(spec.options)
    needMayName(actor, null, spec)
    const id = await db.write((tx) => kept.insert(tx, spec, null, actor))
    changed(id)
    return presentOne(id)
  }

  /** Throws as `create` does, and `schedule.not_found`. */
  async function change(
    id: ScheduleId,
    wanted: { readonly [Field in keyof ScheduleSpec]?: ScheduleSpec[Field] | undefined },
    actor: Actor,
  ): Promise<Schedule> {
    await db.write(async (tx) => {
      const before = await store.find(id, tx)
      if (!before) throw fail('schedule.not_found')
      const was = kept.specOf(before)
      const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
      const spec: ScheduleSpec = { ...was, ...given }
      if (wanted.agentId !== undefined || wanted.options !== undefined) {
        catalogue.get(spec.agentId).checkOptions(spec.options)
      }
      needMayName(actor, was, spec)
      const source = differencesOf(was, spec).length === 0 ? kept.sourceOf(before) : null
      await kept.replace(tx, before, spec, source, actor)
    })
    changed(id)
    return presentOne(id)
  }

  async function remove(id: ScheduleId, actor: Actor): Promise<void> {
    await db.write(async (tx) => {
      const before = await store.find(id, tx)
      if (!before) throw fail('schedule.not_found')
      await store.remove(tx, id)
      await audit.append(tx, {
        actor,
        action: 'schedule.removed',
        target: id,
        detail: { name: before.name },
      })
    })
    changed(id)
  }

  /** Runs what a schedule runs, now, as the one who asks. */
  async function run(id: ScheduleId, actor: Actor) {
    const { agentId, targets, options, dryRun, timeoutS } = (await stored(id)).spec
    const { batchId } = await executions.start(
      { agentId, targets: [...targets], options, dryRun, timeoutS },
      actor,
    )
    return { batchId }
  }

  /** Gives schedules other times, all of them or none. Throws `schedule.not_found` and `schedule.changed_meanwhile`. */
  async function spread(moves: readonly ScheduleMove[], actor: Actor): Promise<number> {
    await db.write(async (tx) => {
      for (const { id, before: seen, after } of moves) {
        const before = await store.find(id, tx)
        if (!before) throw fail('schedule.not_found')
        const was = kept.specOf(before)
        if (differencesOf(was.timing, seen).length > 0) throw fail('schedule.changed_meanwhile')
        await kept.replace(tx, before, { ...was, timing: after }, null, actor)
      }
    })
    for (const { id } of moves) changed(id)
    return moves.length
  }

  async function coming(id: ScheduleId, count: number): Promise<SchedulePreview> {
    const { spec, paused } = await stored(id)
    const shown = await preview({ ...spec, id, count })
    return paused ? { ...shown, next: [], runsPerMonth: 0 } : shown
  }

  async function occurrences(id: ScheduleId, { cursor, limit }: PageQuery) {
    await stored(id)
    const found = await store.occurrences({ id, before: cursor ?? null, limit: limit + 1 })
    return toPage(found, limit, ({ at }) => at)
  }

  /** Schedules as YAML: as they were written, where they came from a document and are still the same. Then triggers. */
  async function exportText(id: ScheduleId | undefined): Promise<{ fileName: string; body: string }> {
    const wanted = id === undefined ? await store.all() : [await stored(id)]
    const ofTriggers = id === undefined ? await tools.triggers.documents.all() : []
    const texts = [
      ...wanted.map((schedule) => kept.sourceOf(schedule) ?? toDocument(kept.specOf(schedule))),
      ...ofTriggers.map(toTriggerDocument),
    ]
    const body = texts.map((text) => (text.endsWith('\n') ? text : `${text}\n`)).join('---\n')
    return { fileName: id === undefined ? 'schedules.yaml' : `schedule-${id}.yaml`, body }
  }

  return {
    list,
    get: presentOne,
    create,
    change,
    remove,
    run,
    preview,
    conflicts: createConflicts({ ...tools, store }).find,
    spread,
    coming,
    occurrences,
    calendar: (from: string, to: string) => readCalendar(store, from, to),
    apply: createApply({ ...tools, store, kept, changed }),
    exportText,
    /** All of them whole, addresses that people are told at included; for the server itself. */
    specs: async (): Promise<ScheduleSpec[]> => (await store.all()).map(kept.specOf),
    /** Who is told of what a schedule starts, as its document says; null for what the settings say. */
    notificationsOf: async (id: ScheduleId): Promise<Record<string, unknown> | null> =>
      kept.specOf(await stored(id)).notifications,
    /** The same of all that say anything, as it is understood. */
    wishes: async (): Promise<Wishes[]> =>
      (await store.withNotifications()).map((schedule) =>
        readWishes(schedule, kept.specOf(schedule).notifications ?? {}),
      ),
    /** Looks again: something that a waiting run waits for may have ended. */
    look: timekeeper.look,
    start: timekeeper.start,
    stop: timekeeper.stop,
  }
}
export type Schedules = ReturnType<typeof createSchedules>
