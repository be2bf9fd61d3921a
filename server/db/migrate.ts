import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { fail } from '../lib/errors.ts'
import type { Tables } from './tables.ts'

/** The row of `meta` with the version of the server that last used the database. */
const versionRow = 'app_version'

/** Hears of every step of a migration, when it begins and when it is done. */
export type StepHeard = (step: string, state: 'begins' | 'done', place: { at: number; of: number }) => void

/** What a database lacks of this version. */
export interface Lack {
  /** Migrations it does not have yet. */
  readonly steps: readonly string[]
  /** It is no fresh one: something could be lost. */
  readonly hasContent: boolean
  /** The version that used it last; null when it does not say. */
  readonly lastUsedBy: string | null
}

/**
 * Says what is to be done. Throws `storage.newer_schema` for a database that knows migrations this version does not;
 * `snapshot` is the newest one from before such a migration, if there is any.
 */
export async function lackOf(
  db: Kysely<Tables>,
  migrations: Record<string, Migration>,
  appVersion: string,
  snapshot?: string,
): Promise<Lack> {
  const known = Object.keys(migrations)
  const done = await executedNames(db)
  const foreign = done.filter((name) => !known.includes(name))
  const lastUsedBy = done.length > 0 ? await lastVersion(db) : null
  if (foreign.length > 0) {
    const way = snapshot ? ` A snapshot from before an upgrade is ${snapshot}.` : ''
    throw fail('storage.newer_schema', {
      detail: `It was last used by version ${lastUsedBy ?? 'unknown'} and has ${foreign.join(', ')}; this is version ${appVersion}, which knows up to ${known.toSorted().at(-1)}.${way}`,
    })
  }
  const steps = known.filter((name) => !done.includes(name)).sort()
  return { steps, hasContent: done.length > 0, lastUsedBy }
}

/**
 * Brings a database up to this version, all or nothing: what is there stays as it was when a migration fails or the
 * process ends, and the next start begins anew. There is no mark of a migration under way that could stay behind.
 */
export async function migrate(
  db: Kysely<Tables>,
  migrations: Record<string, Migration>,
  appVersion: string,
  { steps }: Pick<Lack, 'steps'>,
  onStep: StepHeard = () => {},
): Promise<void> {
  if (steps.length > 0) {
    const provider = { getMigrations: async () => telling(migrations, steps, onStep) }
    // Parts of the product grow side by side, and each has numbers of its own.
    const migrator = new Migrator({ db, provider, allowUnorderedMigrations: true })
    const { error } = await migrator.migrateToLatest()
    if (error) throw error
  }
  if ((await lastVersion(db)) !== appVersion) await keepVersion(db, appVersion)
}

function telling(migrations: Record<string, Migration>, steps: readonly string[], onStep: StepHeard) {
  const tell = (name: string, { up }: Migration): Migration => ({
    up: async (db) => {
      const place = { at: steps.indexOf(name) + 1, of: steps.length }
      onStep(name, 'begins', place)
      await up(db)
      onStep(name, 'done', place)
    },
  })
  return Object.fromEntries(Object.entries(migrations).map(([name, one]) => [name, tell(name, one)]))
}

async function executedNames(db: Kysely<Tables>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === 'kysely_migration')) return []
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  return rows.map(({ name }) => name)
}

async function lastVersion(db: Kysely<Tables>): Promise<string | null> {
  const row = await db.selectFrom('meta').select('value').where('name', '=', versionRow).executeTakeFirst()
  return row?.value ?? null
}

async function keepVersion(db: Kysely<Tables>, appVersion: string): Promise<void> {
  await db
    .insertInto('meta')
    .values({ name: versionRow, value: appVersion })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: appVersion }))
    .execute()
}
