import type { Database } from '../db/database.ts'
import { serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { isAppError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { Nodes } from '../nodes/nodes.ts'
import { attach } from '../ssh/launch.ts'
import type { Pool } from '../ssh/pool.ts'
import type { Queue } from './queue.ts'
import type { ExecutionStore, StoredExecution } from './store.ts'

interface RecoverTools {
  db: Database
  store: ExecutionStore
  nodes: Nodes
  pool: Pool
  queue: Queue
  clock: Clock
  logger: Logger
}

/** What to do with an execution that was under way when the server went away. */
export type Recovery = 'requeue' | 'resume'

/**
 * Decides from what was on disk. Before `launch.intent` nothing of it had been sent, so it starts over; from then on the
 * agent may be running, so it is looked for on its node — which also clears away what should not be there.
 */
export const recoveryOf = (execution: Pick<StoredExecution, 'reattach'>): Recovery =>
  execution.reattach === null ? 'requeue' : 'resume'

/** Settles at start whatever the last process left open, so that nothing stays "running" for ever. */
export function createRecovery({ db, store, nodes, pool, queue, clock, logger }: RecoverTools) {
  async function recover(): Promise<void> {
    const unfinished = await store.unfinished()
    if (unfinished.length > 0) logger.info({ executions: unfinished.length }, 'taking up executions')
    for (const execution of unfinished) {
      const fence = await db.write((tx) => store.takeOver(tx, execution.id))
      const held = { ...execution, fence }
      if (recoveryOf(held) === 'requeue') await requeue(held)
      else queue.begin(held)
    }
    // The nodes may still keep records of runs that ended; forgetting them can wait for everything else.
    for (const execution of await store.unacknowledged()) {
      forget(execution).catch((error: unknown) => logger.error({ err: error }, 'record of a run not removed'))
    }
  }

  async function requeue(execution: StoredExecution): Promise<void> {
    await db.write(async (tx) => {
      await store.move(tx, execution.id, execution.fence, 'queued', { startedAt: null })
      await store.addJournal(tx, execution.id, clock.now().toISOString(), 'requeued', {})
    })
  }

  /** Ended and stored, but the node was not told yet. If it cannot be reached, it forgets by itself after a day. */
  async function forget(execution: StoredExecution): Promise<void> {
    try {
      if ((execution.reattach?.leaseS ?? 0) > 0) {
        const target = await nodes.targetOf(execution.nodeId, { actor: serverActor })
        const lease = await pool.use({ ...target, connectionsPerHour: 0 })
        try {
          await nodes.withRights(execution.nodeId, async (rights) => {
            const order = { runId: execution.id, after: 0, ...rights }
            const visit = await attach(lease.connection, order, { clock, logger })
            for await (const _ of visit.frames);
            visit.ack()
          })
        } finally {
          lease.release()
        }
      }
    } catch (error) {
      if (!isAppError(error)) throw error
      logger.debug({ executionId: execution.id, code: error.code }, 'node not reached to forget a run')
    }
    await db.write((tx) => store.note(tx, execution.id, { reattach: null }))
  }

  return { recover }
}
