import type { ScheduleId } from '../../contract/ids.ts'
import { isBlackedOut } from '../../contract/occurrences.ts'
import type { Database } from '../db/database.ts'
import type { Executions, PlannedBatch, SelectedNode } from '../executions/executions.ts'
import { type Actor, serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { isAppError } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { Logger } from '../lib/logger.ts'
import type { Nodes } from '../nodes/nodes.ts'
import type { Notices } from '../notices/notices.ts'
import { decide, punctualMs } from './decide.ts'
import { type Overdue, overdueNotice } from './overdue-notice.ts'
import { dueBy, firstFrom, planOf, toIso } from './plan.ts'
import { overdueMs } from './standing.ts'
import type { NewOccurrence, Next, ScheduleStore, StoredSchedule } from './store.ts'

/** Somebody may set the clock, so it is looked at this often at least, milliseconds. */
const lookEveryMs = 30_000
/** After a fault of the database, milliseconds. */
const retryMs = 30_000
/** Schedules that fire in one transaction: others get their turn in between. */
const atOnce = 100
/** A clock that is further off from what has passed was set, milliseconds. */
const jumpMs = 60_000
/** What waits and was told of; more than this at once waits nowhere. */
const mostTold = 1_000
/** No server of this kind ran before: a machine that has not heard the time yet says something earlier. */
const earliestSane = Date.parse('2026-01-01T00:00:00Z')

interface TimekeeperTools {
  db: Database
  store: ScheduleStore
  executions: Pick<Executions, 'plan' | 'enqueue' | 'announce'>
  nodes: Pick<Nodes, 'forSelection'>
  /** Hears of each run that did not start, in the transaction that records it. */
  notices: Pick<Notices, 'put'>
  events: EventBus
  clock: Clock
  logger: Logger
}

/** What becomes of one schedule at one look: all of it is written in one transaction. */
interface Firing {
  readonly schedule: StoredSchedule
  readonly next: Next | null
  readonly records: readonly (NewOccurrence & { readonly planned: PlannedBatch | null })[]
}

/** Who starts what a schedule starts. */
export const actorOf = ({ name }: Pick<StoredSchedule, 'name'>): Actor => ({
  ...serverActor,
  name: `schedule:${name}`,
})

/**
 * Fires what is due. An occurrence, the executions it starts and the step to the next one are one transaction, and there
 * is one occurrence for a schedule and an instant: whether the server is killed, the clock is set back or a second server
 * is at it, nothing is lost and nothing runs twice.
 */
export function createTimekeeper(tools: TimekeeperTools) {
  const { db, store, executions, nodes, notices, events, clock, logger } = tools
  let isRunning = false
  let looking: Promise<void> | null = null
  let lookAgain = false
  let callOffTimer: () => void = () => {}
  const toldWaiting = new Set<string>()
  let known = { wall: clock.now().getTime(), passed: clock.monotonicMs() }

  /** Something changed: look what is due. Cheap to call often. */
  function look(): void {
    if (!isRunning) return
    if (looking) {
      lookAgain = true
      return
    }
    looking = tick()
      .catch((error: unknown) => {
        logger.error({ err: error }, 'schedules could not be looked at')
        wait(retryMs)
      })
      .finally(() => {
        looking = null
        if (lookAgain) {
          lookAgain = false
          look()
        }
      })
  }

  async function tick(): Promise<void> {
    const now = clock.now().getTime()
    if (now < earliestSane) {
      logger.warn({ now: toIso(now) }, 'the clock is not set yet, so no schedule fires')
      return wait(lookEveryMs)
    }
    const jumpedMs = now - known.wall - (clock.monotonicMs() - known.passed)
    known = { wall: now, passed: clock.monotonicMs() }
    if (Math.abs(jumpedMs) > jumpMs) {
      logger.warn({ jumpedMs: Math.round(jumpedMs) }, 'the clock was set')
      if (jumpedMs < 0) await comeBack()
    }
    await startWaiting()
    await fireDue()
    await waitForNext()
  }

  async function fireDue(): Promise<void> {
    let all: SelectedNode[] | null = null
    // Asked once: thousands that fall due at once would each look through all that the others started.
    let active: Set<ScheduleId> | null = null
    while (isRunning) {
      const due = await store.due(clock.now().toISOString(), atOnce)
      if (due.length === 0) return
      all ??= await nodes.forSelection()
      active ??= await store.active()
      const fired = await fire(due, all, active)
      // Whatever stands in the way of all of them does so at the next look as well.
      if (fired === 0) return
    }
  }

  /** Returns how many schedules moved on. */
  async function fire(
    due: readonly StoredSchedule[],
    all: readonly SelectedNode[],
    active: Set<ScheduleId>,
  ): Promise<number> {
    const ids = due.map(({ id }) => id)
    const waiting = await store.waiting(ids)
    const waits = new Map<ScheduleId, number>()
    for (const { scheduleId } of waiting) waits.set(scheduleId, (waits.get(scheduleId) ?? 0) + 1)
    const firings = due.map((schedule) =>
      firingOf(schedule, all, { isActive: active.has(schedule.id), waiting: waits.get(schedule.id) ?? 0 }),
    )
    const done = await db.write(async (tx) => {
      const moved: Firing[] = []
      for (const firing of firings) {
        if (await store.advance(tx, firing.schedule, firing.next)) moved.push(firing)
      }
      const recorded = new Set(
        await store.record(
          tx,
          moved.flatMap(({ records }) => records),
        ),
      )
      await executions.enqueue(
        tx,
        [...recorded].flatMap(({ planned }) => planned ?? []),
      )
      const written = moved.map(({ schedule, records }) => ({
        schedule,
        records: records.filter((record) => recorded.has(record)),
      }))
      for (const { schedule, records } of written) {
        for (const record of records) {
          if (record.state === 'missed') await notices.put(tx, overdueNotice(overdueOf(schedule, record)))
        }
      }
      return written
    })
    for (const { schedule, records } of done) {
      if (records.some(({ planned }) => planned !== null)) active.add(schedule.id)
      tell(schedule, records)
    }
    return done.length
  }

  function firingOf(
    schedule: StoredSchedule,
    all: readonly SelectedNode[],
    before: { isActive: boolean; waiting: number },
  ): Firing {
    const now = clock.now().getTime()
    const { spec } = schedule
    const plan = planOf(spec, schedule.id)
    const due = dueBy(plan, Date.parse(schedule.nextAt ?? ''), now)
    const verdicts = decide({
      now,
      due: due.occurrences,
      spec,
      ...before,
      isBlackedOutNow: isBlackedOut(plan, now),
    })
    const records: (NewOccurrence & { planned: PlannedBatch | null })[] = []
    if (due.before) {
      const { first, count } = due.before
      records.push({
        ...blank(schedule.id, first, now),
        state: 'missed',
        reason: spec.catchUp.policy === 'skip' ? 'server-off' : 'too-old',
        count,
      })
    }
    for (const [occurrence, verdict] of verdicts) {
      const base = blank(schedule.id, occurrence, now)
      switch (verdict.kind) {
        case 'settle':
          records.push({ ...base, state: verdict.state, reason: verdict.reason })
          break
        case 'wait':
          records.push({ ...base, state: 'waiting', reason: 'overlap', settledAt: null })
          break
        case 'start': {
          const started = planStart(schedule, all)
          records.push(
            started.planned
              ? {
                  ...base,
                  state: verdict.isLate ? 'late' : 'ran',
                  reason: verdict.reason,
                  planned: started.planned,
                  batchId: started.planned.batchId,
                }
              : { ...base, state: 'missed', reason: 'refused', detail: started.why },
          )
        }
      }
    }
    records.sort((one, other) => (one.at < other.at ? -1 : 1))
    return { schedule, next: due.next && toNext(due.next), records }
  }

  function planStart(
    schedule: StoredSchedule,
    all: readonly SelectedNode[],
  ): { planned: PlannedBatch; why: null } | { planned: null; why: string } {
    const { agentId, targets, options, dryRun, timeoutS } = schedule.spec
    try {
      const wanted = { agentId, targets: [...targets], options, dryRun, timeoutS }
      return { planned: executions.plan(wanted, actorOf(schedule), all), why: null }
    } catch (error) {
      if (!isAppError(error)) throw error
      return { planned: null, why: error.problem.detail }
    }
  }

  /** Starts what waits for a run before that has ended meanwhile. */
  async function startWaiting(): Promise<void> {
    const waiting = await store.waiting()
    if (waiting.length === 0) return
    const active = await store.active()
    let all: SelectedNode[] | null = null
    for (const { scheduleId, at, dueAt } of waiting) {
      const now = clock.now().getTime()
      const schedule = await store.find(scheduleId)
      if (!schedule) continue
      if (active.has(scheduleId)) {
        if (now - Date.parse(dueAt) > overdueMs) await tellWaiting(schedule, at)
        continue
      }
      active.add(scheduleId)
      all ??= await nodes.forSelection()
      const started = isBlackedOut(planOf(schedule.spec, scheduleId), now) ? null : planStart(schedule, all)
      const isLate = now - Date.parse(dueAt) > punctualMs
      const settledAt = toIso(now)
      const settled =
        started === null
          ? ({ state: 'skipped', reason: 'blackout', detail: null, settledAt, batchId: null } as const)
          : started.planned === null
            ? ({ state: 'missed', reason: 'refused', detail: started.why, settledAt, batchId: null } as const)
            : ({
                state: isLate ? 'late' : 'ran',
                reason: 'waited',
                detail: null,
                settledAt,
                batchId: started.planned.batchId,
              } as const)
      const planned = started?.planned ?? null
      const isMine = await db.write(async (tx) => {
        if (!(await store.settle(tx, { scheduleId, at }, settled))) return false
        if (planned) await executions.enqueue(tx, [planned])
        if (settled.state === 'missed')
          await notices.put(tx, overdueNotice(overdueOf(schedule, { at, ...settled })))
        return true
      })
      if (!isMine) continue
      tell(schedule, [{ at, ...settled, planned }])
    }
  }

  function tell(
    schedule: StoredSchedule,
    records: readonly (Pick<NewOccurrence, 'at' | 'state' | 'reason' | 'detail'> & {
      planned: PlannedBatch | null
    })[],
  ): void {
    for (const { at, state, reason, detail, planned } of records) {
      if (planned) executions.announce(planned)
      if (state === 'missed') events.emit('schedule.overdue', overdueOf(schedule, { at, reason, detail }))
    }
    events.emit('schedule.changed', { scheduleId: schedule.id })
  }

  /** Somebody hears once of a run that waits for too long; after a start of the server, once more. */
  async function tellWaiting(schedule: StoredSchedule, at: string): Promise<void> {
    const key = `${schedule.id} ${at}`
    if (toldWaiting.has(key)) return
    if (toldWaiting.size > mostTold) toldWaiting.clear()
    toldWaiting.add(key)
    const overdue = overdueOf(schedule, { at, reason: 'overlap', detail: null })
    await db.write((tx) => notices.put(tx, overdueNotice(overdue)))
    events.emit('schedule.overdue', overdue)
  }

  /**
   * After a clock that was ahead: what it recorded for times that are still to come and did not start is forgotten, and
   * every schedule goes on with the first occurrence from now that is not recorded. Those that did run keep their record,
   * so they do not run again.
   */
  async function comeBack(): Promise<void> {
    const now = clock.now().getTime()
    await db.write((tx) => store.forgetFuture(tx, toIso(now)))
    for (const schedule of await store.all()) {
      if (schedule.paused || schedule.nextAt === null) continue
      const first = firstFrom(planOf(schedule.spec, schedule.id), now)
      if (!first || toIso(first.at) >= schedule.nextAt) continue
      await db.write((tx) => store.advance(tx, schedule, toNext(first)))
      events.emit('schedule.changed', { scheduleId: schedule.id })
    }
  }

  async function waitForNext(): Promise<void> {
    const at = await store.nextDueAt()
    const untilMs = at === null ? lookEveryMs : Date.parse(at) - clock.now().getTime()
    wait(Math.max(0, Math.min(untilMs, lookEveryMs)))
  }

  function wait(ms: number): void {
    callOffTimer()
    if (isRunning) callOffTimer = clock.after(ms, look)
  }

  async function start(): Promise<void> {
    isRunning = true
    // The last process may have had a clock that was ahead.
    if (clock.now().getTime() >= earliestSane) await comeBack()
    look()
  }

  /** Starts nothing more, and resolves when what is under way is written. */
  async function stop(): Promise<void> {
    isRunning = false
    callOffTimer()
    await looking
  }

  return { look, start, stop }
}
export type Timekeeper = ReturnType<typeof createTimekeeper>

const overdueOf = (
  { id, name, spec }: StoredSchedule,
  { at, reason, detail }: Pick<NewOccurrence, 'at' | 'reason' | 'detail'>,
): Overdue => ({ scheduleId: id, scheduleName: name, agentId: spec.agentId, at, reason, detail })

const toNext = ({ at, dueAt }: { at: number; dueAt: number }): Next => ({
  at: toIso(at),
  dueAt: toIso(dueAt),
})

const blank = (
  scheduleId: ScheduleId,
  { at, dueAt }: { at: number; dueAt: number },
  now: number,
): NewOccurrence & { planned: PlannedBatch | null } => ({
  scheduleId,
  at: toIso(at),
  dueAt: toIso(dueAt),
  state: 'missed',
  reason: null,
  detail: null,
  count: 1,
  settledAt: toIso(now),
  batchId: null,
  planned: null,
})
