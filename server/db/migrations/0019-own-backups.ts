import type { Kysely } from 'kysely'

/** Backups of this server itself: which were made, where copies go, and what restore drills have proved. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db

  await schema
    .createTable('own_backup')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('size_bytes', 'integer', (c) => c.notNull())
    .addColumn('key_id', 'text', (c) => c.notNull())
    .addColumn('app_version', 'text', (c) => c.notNull())
    .addColumn('rows', 'integer', (c) => c.notNull())
    .addColumn('has_logs', 'integer', (c) => c.notNull())
    // When it was opened and compared last.
    .addColumn('proved_at', 'text')
    .execute()

  await schema
    .createTable('own_backup_place')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('settings', 'text', (c) => c.notNull())
    .addColumn('secret', 'blob')
    .addColumn('created_at', 'text', (c) => c.notNull())
    // Names of what lay there at the last look.
    .addColumn('names', 'text', (c) => c.notNull())
    .addColumn('looked_at', 'text')
    .addColumn('filled_at', 'text')
    .addColumn('problem', 'text')
    .execute()

  await schema
    .createTable('own_backup_drill')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('place_id', 'text')
    .addColumn('is_proved', 'integer', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .execute()
  await schema.createIndex('own_backup_drill_at').on('own_backup_drill').columns(['at']).execute()
}
