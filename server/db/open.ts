import { accessSync, chmodSync, constants, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type Sqlite from 'better-sqlite3'
import { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Clock } from '../lib/clock.ts'
import { fail, isAppError, toMessage } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { createCommits } from './commits.ts'
import { type CopyOptions, copyDatabase } from './copy.ts'
import type { Database, Tx } from './database.ts'
import {
  damageOf,
  isEmptyFile,
  isLocked,
  isTooOld,
  journalModeOf,
  openReader,
  openWriter,
  readerDialect,
  reclaimPages,
  storageCodeOf,
  versionOf,
  waitNoMore,
  writerDialect,
} from './dialects.ts'
import { type Room, roomOf } from './disk-guard.ts'
import { networkFileSystemOf } from './file-system.ts'
import { type FolderLock, lockFolder } from './lock.ts'
import { lackOf, migrate } from './migrate.ts'
import { migrations as ownMigrations } from './migrations/index.ts'
import type { Tables } from './tables.ts'
import { createTidying } from './tidy.ts'
import {
  checkRoomForUpgrade,
  listSnapshots,
  takeSnapshot,
  thinSnapshots,
  type Upgrade,
  wayBackOf,
} from './upgrade.ts'

export interface OpenOptions {
  readonly folder: string
  readonly clock: Clock
  readonly logger: Logger
  /** Goes on, at the user's own risk, where the locks of the file system cannot be trusted. */
  readonly allowNetworkStorage: boolean
  readonly appVersion: string
  /** Hears that a transaction was undone because the disk is full: the moment to release a reserve. */
  readonly onFull?: () => void
  /**
   * Called once this process is the only one on the folder, before anything in it is opened. Says whether another
   * database took the place of the one that was there.
   */
  readonly onLocked?: () => Promise<boolean>
  /** Hears of each step of an upgrade; a test ends the process there. */
  readonly onUpgradeStep?: (step: string) => void
  /** Called before anything of an upgrade is done, for whoever tells people how far it is. */
  readonly onUpgrade?: (upgrade: Pick<Upgrade, 'from' | 'to' | 'steps'>) => Promise<UpgradeWatch>
  /** For tests; the file system of the folder otherwise. */
  readonly room?: () => Room
  /** For tests; the name of the network file system that a folder is on, null for a local one. */
  readonly fileSystem?: (folder: string) => string | null
  /** Other migrations than the product's own; for tests. */
  readonly migrations?: Record<string, Migration>
}

/** Watches one upgrade. */
export interface UpgradeWatch {
  /** A step begins. */
  tell(place: { readonly at: number; readonly of: number }): void
  /** It is done, or it failed. */
  end(): Promise<void>
}

export type OpenDatabase = Database & {
  readonly file: string
  /** Gives up to this many free pages back to the file system; returns how many are still free. */
  reclaim(pages: number): number
  /** Copies all that is committed into a file, while everything goes on. */
  copyTo(file: string, options?: CopyOptions): Promise<void>
  /** What was done to it at this start; null when it was as it should be. */
  readonly upgrade: Upgrade | null
}

/**
 * Opens the database of a data folder, as its only server, brought up to this version. Throws `storage.*`. It never
 * starts with an empty database in place of one that is lost or cannot be read.
 */
export async function openDatabase(options: OpenOptions): Promise<OpenDatabase> {
  const { folder, clock, appVersion } = options
  try {
    prepareFolder(options)
    const lock = lockFolder(folder, { since: clock.now(), version: appVersion })
    try {
      const isReplaced = (await options.onLocked?.()) ?? false
      if (!isReplaced) checkLog(join(folder, 'core.db'), lock)
      return await openCore(options, lock)
    } catch (error) {
      lock.release()
      throw error
    }
  } catch (error) {
    throw asStorageProblem(error, folder)
  }
}

function prepareFolder({ folder, allowNetworkStorage, logger, fileSystem }: OpenOptions): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw fail('storage.not_writable', { detail: `${folder}: ${toMessage(error)}.`, cause: error })
  }
  const network = (fileSystem ?? networkFileSystemOf)(folder)
  if (!network) return
  if (!allowNetworkStorage) {
    throw fail('storage.network_filesystem', { detail: `${folder} is on ${network}.` })
  }
  logger.warn({ folder, network }, 'the data folder is on a network file system, whose locks may not hold')
}

/**
 * What was committed last is only in the write-ahead log, and SQLite takes a database without one for whole. A server that
 * was killed always leaves its log, be it empty; only one that closed in order takes it away.
 */
function checkLog(file: string, { previous }: FolderLock): void {
  if (!previous?.isOpen || !existsSync(file) || existsSync(`${file}-wal`)) return
  throw fail('storage.damaged', {
    detail: `${file}-wal is missing, though the last server did not end in order: the newest changes were in it. Where another program such as sqlite3 took them into the database, nothing is lost; then remove lock.json of this folder and start again.`,
  })
}

async function openCore(options: OpenOptions, lock: FolderLock): Promise<OpenDatabase> {
  const file = join(options.folder, 'core.db')
  if (lock.previous?.hasDatabase && isEmptyFile(file)) {
    throw fail('storage.damaged', {
      detail: `${file} is missing or empty, though this folder held a database. To begin anew, empty the whole folder.`,
    })
  }
  const writer = openWriter(file)
  // Backups and copies keep the mode of a file, not that of the folder around it.
  chmodSync(file, 0o600)
  try {
    check(writer, options)
    const write = new Kysely<Tables>({ dialect: writerDialect(writer) })
    const upgrade = await bringUp(writer, write, options)
    lock.confirmDatabase(journalModeOf(writer) === 'wal')
    return assemble({ ...options, file, lock, writer, write, upgrade })
  } catch (error) {
    writer.close()
    throw error
  }
}

/** Migrates, having looked first whether there is room and kept what was there. Null when it was no upgrade. */
async function bringUp(
  writer: Sqlite.Database,
  write: Kysely<Tables>,
  options: OpenOptions,
): Promise<Upgrade | null> {
  const { folder, clock, logger, appVersion, migrations = ownMigrations, onUpgradeStep = () => {} } = options
  const lack = await lackOf(write, migrations, appVersion, listSnapshots(folder)[0])
  const { steps, lastUsedBy } = lack
  if (steps.length === 0 || !lack.hasContent) {
    await migrate(write, migrations, appVersion, lack)
    return null
  }
  checkRoomForUpgrade(writer.name, (options.room ?? (() => roomOf(folder)))())
  const watch = await options.onUpgrade?.({ from: lastUsedBy, to: appVersion, steps })
  try {
    return await upgradeAll()
  } finally {
    await watch?.end()
  }

  async function upgradeAll(): Promise<Upgrade> {
    const startedMs = clock.monotonicMs()
    logger.info({ from: lastUsedBy, to: appVersion, steps: steps.length }, 'upgrading the database')
    const snapshot = await takeSnapshot(writer, { dataFolder: folder, appVersion, at: clock.now(), logger })
    onUpgradeStep('snapshot')
    await migrate(write, migrations, appVersion, lack, (step, state, { at, of }) => {
      logger.info({ step, at, of, state }, 'upgrade step')
      if (state === 'begins') watch?.tell({ at, of })
      onUpgradeStep(`${step} ${state}`)
    })
    onUpgradeStep('done')
    thinSnapshots(folder)
    const tookMs = Math.round(clock.monotonicMs() - startedMs)
    const upgrade = { from: lastUsedBy, to: appVersion, steps, tookMs, snapshot }
    logger.info({ ...upgrade, wayBack: wayBackOf(upgrade) }, 'database upgraded')
    return upgrade
  }
}

function check(sqlite: Sqlite.Database, { allowNetworkStorage }: OpenOptions): void {
  const version = versionOf(sqlite)
  if (isTooOld(version)) throw fail('storage.sqlite_too_old', { detail: `This is SQLite ${version}.` })
  const mode = journalModeOf(sqlite)
  // On some file systems WAL silently does not come on, and then neither do its guarantees.
  if (mode !== 'wal' && !allowNetworkStorage) {
    throw fail('storage.network_filesystem', {
      detail: `The write-ahead log is not possible here (${mode}).`,
    })
  }
  const damage = damageOf(sqlite)
  if (damage) throw fail('storage.damaged', { detail: damage })
}

interface Parts extends OpenOptions {
  readonly file: string
  readonly lock: FolderLock
  readonly writer: Sqlite.Database
  readonly write: Kysely<Tables>
  readonly upgrade: Upgrade | null
}

function assemble({ file, lock, writer, write, clock, logger, onFull, upgrade }: Parts): OpenDatabase {
  waitNoMore(writer)
  const commits = createCommits({ write, clock, isLocked })
  const read = new Kysely<Tables>({ dialect: readerDialect(openReader(file)) })
  const tidying = createTidying({ sqlite: writer, clock, logger })
  let closing: Promise<void> | null = null

  async function transact<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    if (closing) throw fail('server.not_ready', { detail: 'The database is closed.' })
    try {
      return await commits.commit(work)
    } catch (error) {
      const problem = asStorageProblem(error, file)
      if (isAppError(problem) && problem.code === 'storage.full') onFull?.()
      throw problem
    } finally {
      tidying.touched()
    }
  }

  async function closeAll(): Promise<void> {
    // Transactions that were asked for before still happen.
    await commits.settled()
    await read.destroy()
    tidying.stop()
    await write.destroy()
    noteClosed()
    lock.release()
  }

  /** Without the note the next start would only ask for a log that is not needed; so a full disk does not hold us. */
  function noteClosed(): void {
    try {
      // Somebody else may still read it: then the log stays, and is needed.
      if (!existsSync(`${file}-wal`)) lock.confirmClosed()
    } catch (error) {
      logger.warn({ err: error }, 'the end of the database is not noted')
    }
  }

  return {
    file,
    read,
    write: transact,
    reclaim: (pages) => reclaimPages(writer, pages),
    // By the writer: a copy through another connection would begin anew with every write.
    copyTo: (target, how) => copyDatabase(writer, target, how),
    upgrade,
    close: () => (closing ??= closeAll()),
  }
}

function asStorageProblem(error: unknown, where: string): unknown {
  if (isAppError(error)) return error
  const code = storageCodeOf(error)
  return code ? fail(code, { detail: `${where}: ${toMessage(error)}.`, cause: error }) : error
}
