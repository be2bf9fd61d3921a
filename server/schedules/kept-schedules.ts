import type { ScheduleId } from '../../contract/ids.ts'
import type { ScheduleSpec } from '../../contract/schedules.ts'
import type { Audit } from '../audit/audit.ts'
import type { Tx } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { NewId } from '../lib/id.ts'
import { differencesOf } from '../triggers/difference.ts'
import type { Vault } from '../vault/vault.ts'
import { firstFrom, planOf, toIso } from './plan.ts'
import type { Next, ScheduleStore, StoredSchedule } from './store.ts'

interface KeptScheduleTools {
  readonly store: ScheduleStore
  readonly vault: Vault
  readonly audit: Audit
  readonly clock: Clock
  readonly newId: NewId
}

/** Fields that say when a schedule runs. */
const timingFields = ['timing', 'zone', 'jitterS', 'blackouts', 'paused']

/** Schedules as they are kept: what is sealed of them opened, and each change written down with its line for the trail. */
export function createKeptSchedules({ store, vault, audit, clock, newId }: KeptScheduleTools) {
  /** All of it, who is told of what included; for the server itself. */
  function specOf(schedule: StoredSchedule): ScheduleSpec {
    const { name, paused, spec } = schedule
    const notifications = opened(schedule, 'notifications')
    return {
      ...spec,
      name,
      paused,
      notifications: notifications === null ? null : (JSON.parse(notifications) as Record<string, unknown>),
    }
  }

  /** The document it came from, as it was written; null once it was changed elsewhere. */
  const sourceOf = (schedule: StoredSchedule): string | null => opened(schedule, 'source')

  function opened(schedule: StoredSchedule, column: 'notifications' | 'source'): string | null {
    const { id, [column]: sealed } = schedule
    return sealed && vault.open({ table: 'schedule', column, id }, sealed).reveal()
  }

  /** The first occurrence from now, for a schedule that is new or was changed. */
  function nextOf(spec: ScheduleSpec, id: ScheduleId): Next | null {
    if (spec.paused) return null
    const first = firstFrom(planOf(spec, id), clock.now().getTime())
    return first && { at: toIso(first.at), dueAt: toIso(first.dueAt) }
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

  /** Makes a schedule, in the caller's transaction. Throws `schedule.name_taken`. */
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

  /** Changes a schedule, in the caller's transaction. Throws `schedule.name_taken`. */
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
    const changed = differencesOf(specOf(before), spec)
    // What was due and is not recorded yet stays due where only words change.
    const isTimingKept = !timingFields.some((field) =>
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

  return { specOf, sourceOf, insert, replace }
}
export type KeptSchedules = ReturnType<typeof createKeptSchedules>

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
