import type { Database } from '../db/database.ts'
import { serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { isAppError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { Nodes } from '../nodes/nodes.ts'
import { attach } from '../ssh/launch.ts'
import type { Pool } from '../ssh/pool.ts'
import { sweep } from '../ssh/sweep.ts'
import type { ExecutionStore, StoredExecution } from './store.ts'

/** Waits between attempts to reach a node, seconds. After the last one it is left to forget by itself, within a day. */
const delaysS = [1, 5, 15, 60, 120]

interface RecordTools {
  readonly db: Database
  readonly store: ExecutionStore
  readonly nodes: Nodes
  readonly pool: Pool
  readonly clock: Clock
  readonly logger: Logger
}

/** Sees to it that nodes forget runs whose ends are kept here. Nobody waits for that. */
export function createRecords({ db, store, nodes, pool, clock, logger }: RecordTools) {
  const leaving = new AbortController()
  const { signal } = leaving
  const underWay = new Set<Promise<void>>()

  /** `isTold` says whether the node was told already, and heard it. What stays open is for the next start. */
  function forget(execution: StoredExecution, isTold: Promise<boolean>): void {
    const work = finish(execution, isTold)
      .catch((error: unknown) => {
        if (!signal.aborted)
          logger.error({ err: error, executionId: execution.id }, 'record of a run not removed')
      })
      .finally(() => underWay.delete(work))
    underWay.add(work)
  }

  async function finish(execution: StoredExecution, isTold: Promise<boolean>): Promise<void> {
    if (!(await isTold)) await tellAgain(execution)
    await db.write((tx) => store.note(tx, execution.id, { reattach: null }))
  }

  async function tellAgain(execution: StoredExecution): Promise<void> {
    for (const delayS of delaysS) {
      try {
        signal.throwIfAborted()
        if (await tell(execution)) return
      } catch (error) {
        if (signal.aborted || !isAppError(error)) throw error
        logger.debug({ executionId: execution.id, code: error.code }, 'node not reached to forget a run')
      }
      await clock.sleep(delayS * 1_000, signal)
    }
  }

  /** Whether the node has forgotten it. */
  async function tell({ id, nodeId }: StoredExecution): Promise<boolean> {
    const target = await nodes.targetOf(nodeId, { actor: serverActor })
    const lease = await pool.use({ ...target, connectionsPerHour: 0 }, signal)
    try {
      return await nodes.withRights(nodeId, async (rights) => {
        const tools = { clock, logger, signal }
        const visit = await attach(lease.connection, { runId: id, after: 0, ...rights }, tools)
        // What is decided here must not go on there.
        visit.cancel()
        for await (const _ of visit.frames);
        const { kind } = await visit.ended
        if (kind === 'link-lost' || (kind === 'ended' && !(await visit.ack()))) return false
        // What nobody listens to any more is only found by looking for it.
        const { left } = await sweep(lease.connection, { runIds: [id], ...rights }, tools)
        return left.length === 0
      })
    } finally {
      lease.release()
    }
  }

  return {
    forget,
    /** Begins nothing more; `settled` once the connections are closed. */
    leave: (): void => leaving.abort(new Error('the server stops')),
    settled: async (): Promise<void> => void (await Promise.all(underWay)),
  }
}
export type Records = ReturnType<typeof createRecords>
