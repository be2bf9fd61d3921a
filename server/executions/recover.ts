import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { Queue } from './queue.ts'
import type { Records } from './records.ts'
import type { ExecutionStore, StoredExecution } from './store.ts'

interface RecoverTools {
  db: Database
  store: ExecutionStore
  queue: Queue
  records: Pick<Records, 'forget'>
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
export function createRecovery({ db, store, queue, records, clock, logger }: RecoverTools) {
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
      records.forget(execution, Promise.resolve((execution.reattach?.leaseS ?? 0) === 0))
    }
  }

  async function requeue(execution: StoredExecution): Promise<void> {
    await db.write(async (tx) => {
      await store.move(tx, execution.id, execution.fence, 'queued', { startedAt: null })
      await store.addJournal(tx, execution.id, clock.now().toISOString(), 'requeued', {})
    })
  }

  return { recover }
}
