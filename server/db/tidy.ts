import type Sqlite from 'better-sqlite3'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { optimize, shortenLog } from './dialects.ts'

/** How often the query planner's figures are brought up to date. */
const optimizeEveryMs = 24 * 3_600_000
/** After this long without a write, the write-ahead log is moved into the file, so that a copy of it is complete. */
const idleMs = 30_000

interface TidyTools {
  sqlite: Sqlite.Database
  clock: Clock
  logger: Logger
}

/** Keeps the database files in order while nobody needs them. */
export function createTidying({ sqlite, clock, logger }: TidyTools) {
  let callOffDaily = clock.after(optimizeEveryMs, daily)
  let callOffIdle: (() => void) | null = null
  let lastWriteMs = 0

  /** A transaction has just ended. */
  function touched(): void {
    lastWriteMs = clock.monotonicMs()
    callOffIdle ??= clock.after(idleMs, whenIdle)
  }

  function whenIdle(): void {
    const restMs = lastWriteMs + idleMs - clock.monotonicMs()
    callOffIdle = restMs > 0 ? clock.after(restMs, whenIdle) : null
    if (callOffIdle === null) attempt(() => shortenLog(sqlite))
  }

  function daily(): void {
    attempt(() => optimize(sqlite))
    callOffDaily = clock.after(optimizeEveryMs, daily)
  }

  function attempt(work: () => void): void {
    try {
      // Closed, or in the middle of a transaction: the next occasion will do.
      if (sqlite.open && !sqlite.inTransaction) work()
    } catch (error) {
      logger.warn({ err: error }, 'database not tidied')
    }
  }

  /** Ends the care with a last round, so that everything lies in the one file. */
  function stop(): void {
    callOffDaily()
    callOffIdle?.()
    attempt(() => optimize(sqlite))
    attempt(() => shortenLog(sqlite))
  }

  return { touched, stop }
}
