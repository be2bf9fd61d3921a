import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate } from 'node:timers/promises'
import type { ControlledTransaction, Kysely } from 'kysely'
import type { Tx } from './database.ts'
import type { Tables } from './tables.ts'

/** Works that share one commit at the most: the first of them waits for the last. */
const mostAtOnce = 32

interface Waiting {
  readonly work: (tx: Tx) => Promise<unknown>
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** A work that did what it wanted, and only waits for the disk. */
interface Done {
  readonly waiting: Waiting
  readonly result: unknown
}

/**
 * Lets one work at a time at the database, in the order asked, and commits together what was waiting together: thirty
 * runs that end at once cost one sync of the disk. A work resolves when it is durable. One that throws undoes itself and
 * nothing else; work inside of work would wait for itself for ever, so that throws.
 */
export function createCommits(write: Kysely<Tables>) {
  const inside = new AsyncLocalStorage<{ active: boolean }>()
  const queue: Waiting[] = []
  let draining: Promise<void> | null = null

  function commit<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    if (inside.getStore()?.active) {
      return Promise.reject(new Error('a transaction inside a transaction would never end'))
    }
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    queue.push({ work, resolve: resolve as (result: unknown) => void, reject })
    draining ??= inside.exit(drain)
    return promise
  }

  async function drain(): Promise<void> {
    try {
      while (queue.length > 0) {
        // Whatever else happened at the same time may join: thirty answers that are read in one turn share a sync.
        await setImmediate()
        await commitTogether()
      }
    } finally {
      draining = null
    }
  }

  async function commitTogether(): Promise<void> {
    const [first] = queue
    let transaction: ControlledTransaction<Tables> | null = null
    const done: Done[] = []
    try {
      transaction = await write.startTransaction().execute()
      for (let count = 0; count < mostAtOnce; count++) {
        const waiting = queue.shift()
        if (!waiting) break
        if (done.length > 0) await performBeside(transaction, waiting, done)
        // There is nothing else to keep, so a work that fails undoes the transaction as a whole.
        else if (await perform(transaction, waiting, done)) return await undo(transaction)
      }
      await transaction.commit().execute()
      for (const { waiting, result } of done) waiting.resolve(result)
    } catch (error) {
      if (transaction) await undo(transaction)
      else if (first) queue.shift()?.reject(error)
      for (const { waiting } of done) waiting.reject(error)
    }
  }

  async function undo(transaction: ControlledTransaction<Tables>): Promise<void> {
    await transaction
      .rollback()
      .execute()
      .catch(() => {})
  }

  /** Performs a work that undoes itself alone. Throws only when the transaction as a whole cannot go on. */
  async function performBeside(
    transaction: ControlledTransaction<Tables>,
    waiting: Waiting,
    done: Done[],
  ): Promise<void> {
    const savepoint = await transaction.savepoint('work').execute()
    const failure = await perform(savepoint, waiting, done)
    if (failure) {
      try {
        await savepoint.rollbackToSavepoint('work').execute()
      } catch {
        // On a full disk SQLite has undone the whole transaction, and that is what the others have to hear.
        throw failure.error
      }
    }
    await savepoint.releaseSavepoint('work').execute()
  }

  /** Returns why the work failed, which whoever asked for it has heard; null when it did what it wanted. */
  async function perform(tx: Tx, waiting: Waiting, done: Done[]): Promise<{ error: unknown } | null> {
    const turn = { active: true }
    try {
      const result = await inside.run(turn, () => waiting.work(tx))
      done.push({ waiting, result })
      return null
    } catch (error) {
      waiting.reject(error)
      return { error }
    } finally {
      // What the work left running may ask for a turn of its own later.
      turn.active = false
    }
  }

  /** Resolves when everything that was asked for has happened. */
  const settled = async (): Promise<void> => {
    while (draining) await draining
  }

  return { commit, settled }
}
