import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { fail } from '../lib/errors.ts'

/** What lies beside the lock for people and for the next start. */
export interface LockNote {
  readonly pid: number
  readonly host: string
  readonly since: string
  /** Version of the server. */
  readonly version: string
  /** Whether the folder has held a complete database before: from then on an empty one means a loss. */
  readonly hasDatabase: boolean
  /** Whether its database was open with a write-ahead log, and is not known to have been closed. */
  readonly isOpen?: boolean
}

export interface FolderLock {
  /** What the last holder wrote; null in a fresh folder. */
  readonly previous: LockNote | null
  /** Notes that the folder holds a complete database now, and whether it is open with a write-ahead log. */
  confirmDatabase(hasLog: boolean): void
  /** Notes that the database is closed in order: it needs no write-ahead log. */
  confirmClosed(): void
  release(): void
}

/**
 * Makes this process the only server on a data folder, for as long as it lives. The lock is SQLite's own exclusive
 * lock on a tiny file: the system releases it with the process, however that ends, so no stale lock can remain.
 * Throws `storage.locked` naming who holds it.
 */
export function lockFolder(folder: string, { since, version }: { since: Date; version: string }): FolderLock {
  const noteFile = join(folder, 'lock.json')
  const lock = new Sqlite(join(folder, 'lock.db'), { timeout: 0 })
  try {
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    if (!isBusy(error)) throw error
    throw fail('storage.locked', {
      detail: `${folder} is used by ${holder(readNote(noteFile))}.`,
      cause: error,
    })
  }
  const previous = readNote(noteFile)
  const note = { pid: process.pid, host: hostname(), since: since.toISOString(), version }
  const write = (hasDatabase: boolean, isOpen: boolean) =>
    writeNote(noteFile, { ...note, hasDatabase, isOpen })
  try {
    write(previous?.hasDatabase ?? false, previous?.isOpen ?? false)
  } catch (error) {
    lock.close()
    throw error
  }
  return {
    previous,
    confirmDatabase: (hasLog) => write(true, hasLog),
    confirmClosed: () => write(true, false),
    release: () => lock.close(),
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')

function holder(note: LockNote | null): string {
  return note ? `process ${note.pid} on ${note.host} since ${note.since}` : 'another server'
}

function readNote(file: string): LockNote | null {
  try {
    const note: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isNote(note) ? note : null
  } catch {
    return null
  }
}

const isNote = (note: unknown): note is LockNote =>
  typeof note === 'object' && note !== null && 'pid' in note && 'host' in note && 'since' in note

function writeNote(file: string, note: LockNote): void {
  const fresh = `${file}.new`
  writeFileSync(fresh, `${JSON.stringify(note)}\n`, { mode: 0o600 })
  renameSync(fresh, file)
}
