import type { CostEstimate } from '../../contract/costs.ts'
import type { AgentId, ScheduleId, TriggerId } from '../../contract/ids.ts'
import {
  nextOccurrences,
  type Occurrence,
  occurrencesBetween,
  occurrencesFrom,
  type Plan,
} from '../../contract/occurrences.ts'
import type { PageQuery } from '../../contract/page.ts'
import {
  type AppliedSchedule,
  type ComingOccurrence,
  type Schedule,
  type ScheduleMove,
  type SchedulePreview,
  type ScheduleSpec,
  type ScheduleStanding,
  type SettledOccurrence,
} from '../../contract/schedules.ts'
import type { TriggerSpec } from '../../contract/triggers.ts'
import { dayMin, minuteMs, nextJump, toWallText } from '../../contract/zone-clock.ts'
import type { Catalogue } from '../agents/catalogue.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Executions } from '../executions/executions.ts'
import { type Actor, serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail, isAppError } from '../lib/errors.ts'
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
import { needMayName } from './addresses.ts'
import { createConflicts } from './conflicts.ts'
import { readDocuments, toDocument } from './document.ts'
import { firstFrom, planOf } from './plan.ts'
import { createScheduleStore, type Next, type StoredSchedule } from './store.ts'
import { createTimekeeper } from './timekeeper.ts'
import { readWishes, type Wishes } from './wishes.ts'

/** Shown of the next ones. */
const previewed = 10
/** Days that a preview counts runs over. */
const monthDays = 30
/** Within this time the next change of the clock is worth a word. */
const jumpWithinMin = 366 * dayMin
const longestCalendarMs = 62 * dayMin * minuteMs
/** A calendar with more is cut. */
const mostInCalendar = 20_000
/** Runs of one schedule that a calendar shows. */
const mostOfOne = 3_000
/** What waits for longer is overdue. */
const overdueMs = 3_600_000

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
  const { db, vault, catalogue, nodes, executions, audit, events, clock, newId, logger } = tools
  const store = createScheduleStore(db)
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

  /** All of it, who is told of what included; for the server itself. */
  function specOf(schedule: StoredSchedule): ScheduleSpec {
    const { id, name, paused, spec, notifications } = schedule
    return {
      ...spec,
      name,
      paused,
      notifications:
        notifications === null
          ? null
          : (JSON.parse(
              vault.open({ table: 'schedule', column: 'notifications', id }, notifications).reveal(),
            ) as Record<string, unknown>),
    }
  }

  async function present(schedules: readonly StoredSchedule[]): Promise<Schedule[]> {
    const last = await store.latest(schedules.map(({ id }) => id))
    return schedules.map((schedule) => {
      const spec = specOf(schedule)
      const newest = last.get(schedule.id) ?? null
      return {
        ...spec,
        notifications: spec.notifications && (masked(spec.notifications) as Record<string, unknown>),
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

  /** The first occurrence from now, for a schedule that is new or was changed. */
  function nextOf(spec: ScheduleSpec, id: ScheduleId): Next | null {
    if (spec.paused) return null
    const first = firstFrom(planOf(spec, id), clock.now().getTime())
    return first && { at: iso(first.at), dueAt: iso(first.dueAt) }
  }

  function toStored(
    id: ScheduleId,
    given: ScheduleSpec,
    source: string | null,
    kept: Pick<StoredSchedule, 'createdBy' | 'createdAt' | 'revision'> &
      Partial<Pick<StoredSchedule, 'nextAt' | 'nextDueAt'>>,
  ): StoredSchedule {
    const { name, paused, notifications, ...spec } = given
    const next = nextOf(given, id)
    const sealed = (column: 'notifications' | 'source', text: string | null) =>
      text === null ? null : vault.seal({ table: 'schedule', column, id }, text)
    return {
      id,
      name,
      spec,
      paused,
      notifications: sealed('notifications', notifications && JSON.stringify(notifications)),
      source: sealed('source', source),
      nextAt: next?.at ?? null,
      nextDueAt: next?.dueAt ?? null,
      ...kept,
      updatedAt: clock.now().toISOString(),
    }
  }

  async function insert(
    tx: Tx,
    spec: ScheduleSpec,
    source: string | null,
    actor: Actor,
  ): Promise<ScheduleId> {
    if (await store.findByName(spec.name, tx)) throw fail('schedule.name_taken')
    const id = newId('sch')
    const kept = { createdBy: actor.name, createdAt: clock.now().toISOString(), revision: 1 }
    await store.insert(tx, toStored(id, spec, source, kept))
    await audit.append(tx, { actor, action: 'schedule.created', target: id, detail: described(spec) })
    return id
  }

  async function replace(
    tx: Tx,
    before: StoredSchedule,
    spec: ScheduleSpec,
    source: string | null,
    actor: Actor,
  ): Promise<void> {
    const { id } = before
    const namesake = await store.findByName(spec.name, tx)
    if (namesake && namesake.id !== id) throw fail('schedule.name_taken')
    const was = specOf(before)
    const changed = differencesOf(was, spec)
    // What was due and is not recorded yet stays due where only words change.
    const isTimingKept = !['timing', 'zone', 'jitterS', 'blackouts', 'paused'].some((field) =>
      changed.some(({ path }) => path === field || path.startsWith(`${field}.`)),
    )
    await store.update(
      tx,
      toStored(id, spec, source, {
        createdBy: before.createdBy,
        createdAt: before.createdAt,
        revision: before.revision + 1,
        ...(isTimingKept && { nextAt: before.nextAt, nextDueAt: before.nextDueAt }),
      }),
    )
    if (changed.length === 0) return
    await audit.append(tx, {
      actor,
      action: 'schedule.changed',
      target: id,
      detail: { name: spec.name, changed: changed.slice(0, 20) },
    })
  }

  function changed(id: ScheduleId): void {
    timekeeper.look()
    events.emit('schedule.changed', { scheduleId: id })
  }

  /** Throws `schedule.name_taken`, `schedule.address_needs_admin`, `agent.not_found` and `agent.options_invalid`. */
  async function create(spec: ScheduleSpec, actor: Actor): Promise<Schedule> {
    catalogue.get(spec.agentId).checkOptions(spec.options)
    needMayName(actor, null, spec)
    const id = await db.write((tx) => insert(tx, spec, null, actor))
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
      const was = specOf(before)
      const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
      const spec: ScheduleSpec = { ...was, ...given }
      if (wanted.agentId !== undefined || wanted.options !== undefined) {
        catalogue.get(spec.agentId).checkOptions(spec.options)
      }
      needMayName(actor, was, spec)
      const source = differencesOf(was, spec).length === 0 ? sourceOf(before) : null
      await replace(tx, before, spec, source, actor)
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

  /** What a schedule would do, saved or not. */
  async function preview(wanted: {
    readonly timing: ScheduleSpec['timing']
    readonly zone: string
    readonly jitterS: number
    readonly blackouts: ScheduleSpec['blackouts']
    readonly agentId?: AgentId | undefined
    readonly targets?: readonly string[] | undefined
    readonly id?: ScheduleId | undefined
    readonly count?: number
  }): Promise<SchedulePreview> {
    const now = clock.now().getTime()
    const plan = planOf(wanted, wanted.id ?? '')
    const jump = nextJump(wanted.zone, Math.floor(now / minuteMs), jumpWithinMin)
    const month = occurrencesBetween(plan, now, now + monthDays * dayMin * minuteMs)
    const runsPerMonth = month.filter(({ isBlackedOut }) => !isBlackedOut).length
    return {
      next: nextOccurrences(plan, now, wanted.count ?? previewed).map(toComing),
      clockChange: jump && { at: iso(jump.at * minuteMs), byMinutes: jump.by },
      runsPerMonth,
      cost: await costOf(wanted, runsPerMonth),
    }
  }

  async function costOf(
    { agentId, targets }: { agentId?: AgentId | undefined; targets?: readonly string[] | undefined },
    runs: number,
  ): Promise<SchedulePreview['cost']> {
    if (agentId === undefined || targets === undefined) return null
    try {
      const meant = await executions.preview(agentId, targets)
      const count = meant.nodes.filter(({ eligible }) => eligible).length
      if (count === 0) return null
      const { likelyNanoUsd, mostNanoUsd } = await tools.estimate(agentId)
      return {
        likelyNanoUsd: likelyNanoUsd * runs * count,
        mostNanoUsd: mostNanoUsd * runs * count,
        nodes: count,
      }
    } catch (error) {
      // An agent that is not there costs nothing that anybody knows.
      if (isAppError(error)) return null
      throw error
    }
  }

  /** Gives schedules other times, all of them or none. Throws `schedule.not_found` and `schedule.changed_meanwhile`. */
  async function spread(moves: readonly ScheduleMove[], actor: Actor): Promise<number> {
    await db.write(async (tx) => {
      for (const { id, before: seen, after } of moves) {
        const before = await store.find(id, tx)
        if (!before) throw fail('schedule.not_found')
        const was = specOf(before)
        if (differencesOf(was.timing, seen).length > 0) throw fail('schedule.changed_meanwhile')
        await replace(tx, before, { ...was, timing: after }, null, actor)
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

  /** Everything that ran and will run between two instants. Throws `request.invalid` for a stretch that is too long. */
  async function calendar(from: string, to: string) {
    const [start, end] = [Date.parse(from), Date.parse(to)]
    if (end <= start || end - start > longestCalendarMs) {
      throw fail('request.invalid', { issues: [{ path: 'to', message: 'After from, at most 62 days' }] })
    }
    const past = await store.between(from, to, mostInCalendar + 1)
    const found: (ComingOccurrence & { scheduleId: ScheduleId })[] = []
    let isCut = past.length > mostInCalendar
    const all = await store.all()
    for (const schedule of all) {
      if (schedule.nextAt === null) continue
      const room = Math.min(mostOfOne, mostInCalendar - found.length)
      const ahead = upTo(
        planOf(schedule.spec, schedule.id),
        Math.max(start, Date.parse(schedule.nextAt)),
        end,
        room,
      )
      isCut ||= ahead.isCut
      found.push(...ahead.items.map((one) => ({ ...toComing(one), scheduleId: schedule.id })))
    }
    const inIt = new Set([...past, ...found].map(({ scheduleId }) => scheduleId))
    return {
      past: past.slice(0, mostInCalendar),
      coming: found,
      schedules: all.filter(({ id }) => inIt.has(id)).map(({ id, name }) => ({ id, name })),
      isCut,
    }
  }

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
        const kept = before
          ? await ofTriggers.replace(tx, before, spec, actor)
          : await ofTriggers.insert(tx, spec, actor)
        id = kept.id
        touchedTriggers.push(id)
      }
      // Where it runs is only known once something happens.
      const warnings = warningsOf({ ...spec, targets: spec.targets ?? ['all'] }, all)
      return { what: 'trigger', name: spec.name, id, kind, differences, warnings }
    }

    const work = async (tx: Tx): Promise<AppliedSchedule[]> => {
      const items: AppliedSchedule[] = []
      for (const document of documents) {
        if (document.kind === 'trigger') {
          items.push(await applyTrigger(tx, document.spec))
          continue
        }
        const { spec: said, source } = document
        const before = (await store.findByName(said.name, tx)) ?? null
        const was = before && specOf(before)
        const spec = was ? keptAnchor(was, said) : said
        needMayName(actor, was, spec)
        const differences = differencesOf(was, spec)
        const kind = was === null ? 'new' : differences.length > 0 ? 'changed' : 'same'
        let id = before?.id ?? null
        if (!dryRun) {
          if (before === null) id = await insert(tx, spec, source, actor)
          else await replace(tx, before, spec, source, actor)
          if (id !== null) touched.push(id)
        }
        const warnings = [...warningsOf(spec, all), ...unknownIn(spec)]
        items.push({ what: 'schedule', name: spec.name, id, kind, differences, warnings })
      }
      return items
    }
    const items = await db.write(work)
    for (const id of touched) changed(id)
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

  /** Schedules as YAML: as they were written, where they came from a document and are still the same. Then triggers. */
  async function exportText(id: ScheduleId | undefined): Promise<{ fileName: string; body: string }> {
    const wanted = id === undefined ? await store.all() : [await stored(id)]
    const ofTriggers = id === undefined ? await tools.triggers.documents.all() : []
    const texts = [
      ...wanted.map((schedule) => sourceOf(schedule) ?? toDocument(specOf(schedule))),
      ...ofTriggers.map(toTriggerDocument),
    ]
    const body = texts.map((text) => (text.endsWith('\n') ? text : `${text}\n`)).join('---\n')
    return { fileName: id === undefined ? 'schedules.yaml' : `schedule-${id}.yaml`, body }
  }

  const sourceOf = ({ id, source }: StoredSchedule): string | null =>
    source && vault.open({ table: 'schedule', column: 'source', id }, source).reveal()

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
    calendar,
    apply,
    exportText,
    /** All of them whole, addresses that people are told at included; for the server itself. */
    specs: async (): Promise<ScheduleSpec[]> => (await store.all()).map(specOf),
    /** Who is told of what a schedule starts, as its document says; null for what the settings say. */
    notificationsOf: async (id: ScheduleId): Promise<Record<string, unknown> | null> =>
      specOf(await stored(id)).notifications,
    /** The same of all that say anything, as it is understood. */
    wishes: async (): Promise<Wishes[]> =>
      (await store.withNotifications()).map((schedule) =>
        readWishes(schedule, specOf(schedule).notifications ?? {}),
      ),
    /** Looks again: something that a waiting run waits for may have ended. */
    look: timekeeper.look,
    start: timekeeper.start,
    stop: timekeeper.stop,
  }
}
export type Schedules = ReturnType<typeof createSchedules>

const iso = (at: number): string => new Date(at).toISOString()

const toComing = ({ at, dueAt, wall, shift, isBlackedOut }: Occurrence): ComingOccurrence => ({
  at: iso(at),
  dueAt: iso(dueAt),
  wall: toWallText(wall),
  shift,
  isBlackedOut,
})

function upTo(
  plan: Plan,
  from: number,
  before: number,
  most: number,
): { items: Occurrence[]; isCut: boolean } {
  const items: Occurrence[] = []
  for (const occurrence of occurrencesFrom(plan, from)) {
    if (occurrence.at >= before) break
    if (items.length === most) return { items, isCut: true }
    items.push(occurrence)
  }
  return { items, isCut: false }
}

function standingOf(
  { paused, nextAt }: StoredSchedule,
  last: SettledOccurrence | null,
  now: number,
): ScheduleStanding {
  if (paused) return 'paused'
  if (last?.state === 'missed') return 'overdue'
  if (last?.state === 'waiting' && now - Date.parse(last.dueAt) > overdueMs) return 'overdue'
  return nextAt === null ? 'ended' : 'ok'
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

/** Whoever knows the address of a webhook can post to it, so none is shown in full. */
function masked(value: unknown): unknown {
  if (typeof value === 'string') {
    const url = URL.canParse(value) ? new URL(value) : null
    return url ? `${url.protocol}//${url.host}/▮▮▮` : value
  }
  if (Array.isArray(value)) return value.map(masked)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, masked(one)]))
  }
  return value
}

/** What the audit trail keeps of a new schedule. */
const described = ({ name, timing, zone, agentId, targets, options, dryRun, paused }: ScheduleSpec) => ({
  name,
  timing,
  zone,
  agentId,
  targets,
  options,
  dryRun,
  paused,
})
