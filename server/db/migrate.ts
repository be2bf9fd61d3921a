import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { fail } from '../lib/errors.ts'
import type { Tables } from './tables.ts'

/** The row of `meta` with the version of the server that last used the database. */
const versionRow = 'app_version'

/**
 * Brings a database up to this version, all or nothing: what is there stays as it was when a migration fails.
 * Throws `storage.newer_schema` for a database that knows migrations this version does not.
 */
export async function migrate(
  db: Kysely<Tables>,
  migrations: Record<string, Migration>,
  appVersion: string,
): Promise<void> {
  const known = Object.keys(migrations)
  const done = await executedNames(db)
  const foreign = done.filter((name) => !known.includes(name))
  if (foreign.length > 0) {
    const lastUsedBy = await lastVersion(db)
    throw fail('storage.newer_schema', {
      detail: `It was last used by version ${lastUsedBy} and has ${foreign.join(', ')}; this is version ${appVersion}, which knows up to ${known.at(-1)}.`,
    })
  }
  if (done.length < known.length) {
    const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
    const { error } = await migrator.migrateToLatest()
    if (error) throw error
  }
  if ((await lastVersion(db)) !== appVersion) await keepVersion(db, appVersion)
}

async function executedNames(db: Kysely<Tables>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === 'kysely_migration')) return []
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  return rows.map(({ name }) => name)
}

async function lastVersion(db: Kysely<Tables>): Promise<string> {
  const row = await db.selectFrom('meta').select('value').where('name', '=', versionRow).executeTakeFirst()
  return row?.value ?? 'unknown'
}

async function keepVersion(db: Kysely<Tables>, appVersion: string): Promise<void> {
  await db
    .insertInto('meta')
    .values({ name: versionRow, value: appVersion })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: appVersion }))
    .execute()
}
