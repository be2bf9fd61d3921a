import { existsSync, statSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import {
  CompiledQuery,
  type DatabaseConnection,
  type DialectAdapter,
  type Driver,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
} from 'kysely'
import type { ErrorCode } from '../../contract/errors.ts'
import { keepStatements } from './statements.ts'

/** The only file that knows which database this is. Another one would get its own functions of these names here. */

/** Older libraries have a race that can lose commits in WAL mode when a checkpoint restarts the log. */
const oldestSqlite = [3, 51, 3] as const

/** Below this size the whole file is checked at every start: it takes less than a tenth of a second. */
const smallEnoughToCheckBytes = 16 * 1_048_576

/** Says whether a version of the library is older than what is safe. */
export function isTooOld(version: string): boolean {
  const parts = version.split('.').map(Number)
  for (const [index, least] of oldestSqlite.entries()) {
    const part = parts[index] ?? 0
    if (part !== least) return part < least
  }
  return false
}

/**
 * Opens the writing connection. `busy_timeout` comes first, so that even the next lines wait for a lock: with all of the
 * process, as long as nothing else goes on in it. See `waitNoMore`.
 */
export function openWriter(file: string): Sqlite.Database {
  const isNew = isEmptyFile(file)
  const sqlite = new Sqlite(file)
  try {
    sqlite.pragma('busy_timeout = 10000')
    // Only takes effect while the file is empty, so it must come before the journal mode writes the first page.
    if (isNew) sqlite.pragma('auto_vacuum = INCREMENTAL')
    sqlite.pragma('journal_mode = WAL')
    // FULL: a commit that was answered survives a power cut. With NORMAL up to 329 of them were lost in a trial.
    sqlite.pragma('synchronous = FULL')
    sqlite.pragma('foreign_keys = ON')
    sqlite.pragma('journal_size_limit = 67108864')
    sqlite.pragma('wal_autocheckpoint = 1000')
    sqlite.pragma('cache_size = -8000')
    return sqlite
  } catch (error) {
    sqlite.close()
    throw error
  }
}

/** From here on a lock of another program is told at once: to wait for it is the business of `createCommits`. */
export function waitNoMore(sqlite: Sqlite.Database): void {
  sqlite.pragma('busy_timeout = 0')
}

export function openReader(file: string): Sqlite.Database {
  const sqlite = new Sqlite(file, { readonly: true })
  sqlite.pragma('busy_timeout = 10000')
  sqlite.pragma('cache_size = -8000')
  return sqlite
}

export const versionOf = (sqlite: Sqlite.Database): string =>
  String(sqlite.prepare('select sqlite_version()').pluck().get())

export const journalModeOf = (sqlite: Sqlite.Database): string =>
  String(sqlite.pragma('journal_mode', { simple: true }))

/** Says what is visibly wrong with an opened database; null when it looks sound. Throws what SQLite throws. */
export function damageOf(sqlite: Sqlite.Database): string | null {
  sqlite.pragma('schema_version', { simple: true })
  sqlite.prepare('select count(*) from sqlite_schema').pluck().get()
  shortenLog(sqlite)
  const { size } = statSync(sqlite.name)
  const pages = Number(sqlite.pragma('page_count', { simple: true }))
  const expected = pages * Number(sqlite.pragma('page_size', { simple: true }))
  if (size < expected) return `${sqlite.name} has ${size} bytes instead of ${expected}.`
  if (size > smallEnoughToCheckBytes) return null
  const verdict = String(sqlite.pragma('quick_check(1)', { simple: true }))
  return verdict === 'ok' ? null : verdict
}

/** Says whether a file holds nothing: it is missing or has no bytes. */
export const isEmptyFile = (file: string): boolean => !existsSync(file) || statSync(file).size === 0

/** Moves everything from the write-ahead log into the file and shortens the log to nothing. */
export function shortenLog(sqlite: Sqlite.Database): void {
  sqlite.pragma('wal_checkpoint(TRUNCATE)')
}

/** Brings the figures of the query planner up to date. */
export function optimize(sqlite: Sqlite.Database): void {
  sqlite.pragma('optimize')
}

/** Gives up to this many free pages back to the file system; returns how many are still free. */
export function reclaimPages(sqlite: Sqlite.Database, pages: number): number {
  sqlite.pragma(`incremental_vacuum(${pages})`)
  return Number(sqlite.pragma('freelist_count', { simple: true }))
}

/** The dialect of the one writer: takes the write lock when a transaction begins, and migrates all or nothing. */
export const writerDialect = (database: Sqlite.Database): SqliteDialect => new WriterDialect(database)

export const readerDialect = (sqlite: Sqlite.Database): SqliteDialect =>
  new SqliteDialect({ database: keepStatements(sqlite) })

class WriterDialect extends SqliteDialect {
  readonly #sqlite: Sqlite.Database

  constructor(sqlite: Sqlite.Database) {
    super({ database: keepStatements(sqlite) })
    this.#sqlite = sqlite
  }

  override createDriver(): Driver {
    return new WriterDriver(this.#sqlite)
  }

  override createAdapter(): DialectAdapter {
    return new TransactionalAdapter()
  }
}

class WriterDriver extends SqliteDriver {
  readonly #sqlite: Sqlite.Database

  constructor(sqlite: Sqlite.Database) {
    super({ database: keepStatements(sqlite) })
    this.#sqlite = sqlite
  }

  // A transaction that reads before it writes cannot fail half-way because another program wrote in between.
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  // On a full disk SQLite has already undone it; a rollback would fail then, and hide why.
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#sqlite.inTransaction) await super.rollbackTransaction(connection)
  }
}

class TransactionalAdapter extends SqliteAdapter {
  // SQLite can change its schema inside a transaction; Kysely would otherwise leave half a migration behind.
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** The code for what SQLite or the system says about the storage below; undefined for everything else. */
export function storageCodeOf(error: unknown): ErrorCode | undefined {
  const code = codeOf(error)
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return 'storage.damaged'
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') return 'storage.full'
  if (code.startsWith('SQLITE_IOERR') || code === 'EIO') return 'storage.failing'
  if (code.startsWith('SQLITE_BUSY')) return 'storage.busy'
  if (/^(SQLITE_READONLY|SQLITE_CANTOPEN|SQLITE_PERM|EACCES|EPERM|EROFS)/.test(code))
    return 'storage.not_writable'
  return undefined
}

/** Whether another program holds the database. */
export const isLocked = (error: unknown): boolean => storageCodeOf(error) === 'storage.busy'

export const isUniqueViolation = (error: unknown): boolean => codeOf(error) === 'SQLITE_CONSTRAINT_UNIQUE'

export const isForeignKeyViolation = (error: unknown): boolean =>
  codeOf(error) === 'SQLITE_CONSTRAINT_FOREIGNKEY'

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''
