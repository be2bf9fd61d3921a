import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely } from 'kysely'
import { createCommits } from '../server/db/commits.ts'
import type { Database } from '../server/db/database.ts'
import {
  isLocked,
  openReader,
  openWriter,
  readerDialect,
  waitNoMore,
  writerDialect,
} from '../server/db/dialects.ts'
import { type OpenDatabase, openDatabase } from '../server/db/open.ts'
import type { Tables } from '../server/db/tables.ts'
import { type Clock, systemClock } from '../server/lib/clock.ts'
import { createLogger } from '../server/lib/logger.ts'

export interface TestDatabase {
  readonly db: OpenDatabase
  readonly folder: string
  /** Closes it and removes the folder. */
  close(): Promise<void>
}

/** A real database with all migrations in a folder of its own. */
export async function testDatabase(clock: Clock = systemClock): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'carl-db-'))
  const db = await openDatabase({
    folder,
    clock,
    logger: createLogger('silent'),
    allowNetworkStorage: true,
    appVersion: '0.0.0-test',
  })
  return {
    db,
    folder,
    close: async () => {
      await db.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/**
 * The database of a data folder that a server holds, opened beside it. The product lets only one process in; this goes
 * past that lock on purpose, to fill tables or to show that transactions hold by themselves.
 */
export function databaseBeside(folder: string): Database {
  const file = join(folder, 'core.db')
  const writer = openWriter(file)
  waitNoMore(writer)
  const write = new Kysely<Tables>({ dialect: writerDialect(writer) })
  const read = new Kysely<Tables>({ dialect: readerDialect(openReader(file)) })
  return {
    read,
    write: createCommits({ write, clock: systemClock, isLocked }).commit,
    close: async () => {
      await read.destroy()
      await write.destroy()
    },
  }
}
