import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate } from 'node:timers/promises'
import type { ControlledTransaction, Kysely } from 'kysely'
import type { Clock } from '../lib/clock.ts'
import type { Tx } from './database.ts'
import type { Tables } from './tables.ts'

/** Works that share one commit at the most: the first of them waits for the last. */
const mostAtOnce = 32
/** How long a work waits while another program holds the database, milliseconds. */
const lockedForMs = 10_000
/** How often it is tried meanwhile, milliseconds. */
const tryEveryMs = 50

interface CommitTools {
  readonly write: Kysely<Tables>
  readonly clock: Clock
  /** Whether this is how the database says that another program holds it. */
  readonly isLocked: (error: unknown) => boolean
}

interface Waiting {
  readonly sinceMs: number
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
 * nothing else; work inside of work would wait for itself for ever, so that throws. While another program holds the
 * database a work waits for ten seconds, and nothing but works waits with it.
 */
export function createCommits({ write, clock, isLocked }: CommitTools) {
  const inside = new AsyncLocalStorage<{ active: boolean }>()
  const queue: Waiting[] = []
  let draining: Promise<void> | null = null

  function commit<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    if (inside.getStore()?.active) {
      return Promise.reject(new Error('a transaction inside a transaction would never end'))
    }
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    const sinceMs = clock.monotonicMs()
    queue.push({ sinceMs, work, resolve: resolve as (result: unknown) => void, reject })
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
    const transaction = await begin()
    if (!transaction) return
    const done: Done[] = []
    try {
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
      await undo(transaction)
      for (const { waiting } of done) waiting.reject(error)
    }
  }

  /** Null when nobody can write now: then those who have waited for long enough were told why. */
  async function begin(): Promise<ControlledTransaction<Tables> | null> {
    try {
      return await write.startTransaction().execute()
    } catch (error) {
      if (isLocked(error)) {
        const tooLongMs = clock.monotonicMs() - lockedForMs
        while (queue[0] && queue[0].sinceMs <= tooLongMs) queue.shift()?.reject(error)
        if (queue.length > 0) await clock.sleep(tryEveryMs)
      } else queue.shift()?.reject(error)
      return null
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
