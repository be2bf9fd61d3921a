import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OpenDatabase, openDatabase } from '../server/db/open.ts'
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
