import type { Kysely, Transaction } from 'kysely'
import type { Tables } from './tables.ts'

export type Tx = Transaction<Tables>

/** The database as the features see it: many readers, one writer. */
export interface Database {
  /** For reading outside a transaction; sees what is committed. */
  readonly read: Kysely<Tables>
  /**
   * Runs `work` in one transaction of the one writer; durable once it resolves, undone if it throws. Transactions
   * wait for each other, so inside use only `tx`, never another `write`.
   */
  write<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}
