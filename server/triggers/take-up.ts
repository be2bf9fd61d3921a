import { AsyncLocalStorage } from 'node:async_hooks'
import type { TriggerId } from '../../contract/ids.ts'
import type { FiringCause } from '../../contract/triggers.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Executions, PlannedBatch, SelectedNode } from '../executions/executions.ts'
import { type Actor, serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { isAppError } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { NewId } from '../lib/id.ts'
import type { Logger } from '../lib/logger.ts'
import type { Nodes } from '../nodes/nodes.ts'
import type { Notices } from '../notices/notices.ts'
import { matchOf } from './match.ts'
import { whyHeld } from './may-fire.ts'
import { refusedNotice } from './refused-notice.ts'
import type { FreshOccasion, NewFiring, StoredTrigger, TriggerStore } from './store.ts'

/** Occasions that are taken up in one transaction: others get their turn in between. */
const atOnce = 50
/** After a fault of the database, milliseconds. */
const retryMs = 30_000

interface TakeUpTools {
  db: Database
  store: TriggerStore
  executions: Pick<Executions, 'plan' | 'enqueue' | 'announce'>
  nodes: Pick<Nodes, 'forSelection'>
  notices: Pick<Notices, 'put'>
  events: EventBus
  clock: Clock
  newId: NewId
  logger: Logger
}

/** Who starts what a trigger starts. */
const actorOf = ({ name }: StoredTrigger): Actor => ({ ...serverActor, name: `trigger:${name}` })

/** Where a trigger runs for a cause: the targets it has, or the node that it happened on. */
export const targetsFor = ({ spec }: StoredTrigger, { nodeId }: FiringCause): string[] =>
  spec.targets ? [...spec.targets] : nodeId ? [nodeId] : []

/** What the cool-down is counted for. */
export const scopeOf = ({ spec }: StoredTrigger, { nodeId }: FiringCause): string =>
  spec.targets === null ? (nodeId ?? '') : ''

/**
 * Takes up what happened. What came of an occasion, the executions it starts and the end of the occasion are one
 * transaction, and there is one firing for a trigger and an occasion: whenever the server is killed, nothing that
 * happened is lost and nothing starts twice.
 */
export function createTakeUp(tools: TakeUpTools) {
  const { db, store, executions, nodes, notices, events, clock, newId, logger } = tools
  // It is told of an occasion in the midst of the transaction that writes it, and its own must come after that one.
  const outside = AsyncLocalStorage.snapshot()
  let isRunning = false
  let looking: Promise<void> | null = null
  let lookAgain = false
  let callOffTimer: () => void = () => {}

  /** Something may have happened. Cheap to call often. */
  function look(): void {
    if (!isRunning) return
    if (looking) {
      lookAgain = true
      return
    }
    looking = outside(takeAll)
      .catch((error: unknown) => {
        logger.error({ err: error }, 'triggers could not be looked at')
        callOffTimer()
        if (isRunning) callOffTimer = clock.after(retryMs, look)
      })
      .finally(() => {
        looking = null
        if (!lookAgain) return
        lookAgain = false
        look()
      })
  }

  async function takeAll(): Promise<void> {
    while (isRunning && (await takeSome()) === atOnce);
  }

  /** Returns how many were taken up. */
  async function takeSome(): Promise<number> {
    const all = await nodes.forSelection()
    const { taken, planned, touched } = await db.write(async (tx) => {
      // Read by the writer: whoever wrote of an occasion, and only then told of it, has finished by now.
      const occasions = await store.fresh(tx, atOnce)
      const done = { taken: occasions.length, planned: [] as PlannedBatch[], touched: new Set<TriggerId>() }
      if (occasions.length === 0) return done
      const triggers = await store.all(tx)
      for (const occasion of occasions) {
        for (const trigger of triggers) {
          const batch = await holdAgainst(tx, trigger, occasion, all, done.touched)
          if (batch) done.planned.push(batch)
        }
      }
      await executions.enqueue(tx, done.planned)
      await store.takeAway(
        tx,
        occasions.map(({ id }) => id),
      )
      return done
    })
    for (const batch of planned) executions.announce(batch)
    for (const triggerId of touched) events.emit('trigger.changed', { triggerId })
    return taken
  }

  /** What one trigger makes of one occasion; what it starts, if anything. */
  async function holdAgainst(
    tx: Tx,
    trigger: StoredTrigger,
    { id: occasionId, at, body }: FreshOccasion,
    all: readonly SelectedNode[],
    touched: Set<TriggerId>,
  ): Promise<PlannedBatch | null> {
    // What happened before it was made is none of its business.
    if (at < trigger.createdAt) return null
    const match = matchOf({ id: trigger.id, when: trigger.spec.when }, body, all)
    if (match.kind === 'other') return null
    touched.add(trigger.id)
    const { cause } = match
    if (match.kind === 'miss') {
      await store.noteMiss(tx, trigger.id, { at, field: match.field, cause })
      return null
    }
    const now = clock.now()
    const scope = scopeOf(trigger, cause)
    const path = cause.executionId ? await store.pathTo(tx, cause.executionId) : []
    const lastStartedAt = await store.lastStartedAt(tx, trigger.id, scope)
    const reason = whyHeld({
      id: trigger.id,
      paused: trigger.paused,
      coolDownMinutes: trigger.spec.coolDownMinutes,
      path,
      happenedAt: Date.parse(at),
      now: now.getTime(),
      lastStartedAt: lastStartedAt === null ? null : Date.parse(lastStartedAt),
    })
    const blank = {
      id: newId('fir'),
      triggerId: trigger.id,
      occasionId,
      at: now.toISOString(),
      detail: null,
      cause,
      scope,
      path,
      batchId: null,
    }
    if (reason) {
      await store.record(tx, { ...blank, state: 'held', reason })
      return null
    }
    const start = planStart(trigger, cause, all)
    if (start.kind === 'planned') {
      const { planned } = start
      const firing: NewFiring = { ...blank, state: 'started', reason: null, batchId: planned.batchId }
      return (await store.record(tx, firing)) ? planned : null
    }
    const { problem } = start
    const firing: NewFiring = { ...blank, state: 'refused', reason: 'refused', detail: problem.detail }
    if (await store.record(tx, firing)) await notices.put(tx, refusedNotice(trigger, cause, problem))
    return null
  }

  function planStart(trigger: StoredTrigger, cause: FiringCause, all: readonly SelectedNode[]) {
    const { agentId, options, dryRun, timeoutS } = trigger.spec
    try {
      const wanted = { agentId, targets: targetsFor(trigger, cause), options, dryRun, timeoutS }
      const planned = executions.plan(wanted, actorOf(trigger), all)
      return { kind: 'planned', planned } as const
    } catch (error) {
      if (!isAppError(error)) throw error
      return { kind: 'refused', problem: error.problem } as const
    }
  }

  function start(): void {
    isRunning = true
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
