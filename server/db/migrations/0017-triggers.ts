import { type Kysely, sql } from 'kysely'

/** What starts runs when something happens, what happened, and what came of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db

  await schema
    .createTable('trigger')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('spec', 'text', (c) => c.notNull())
    .addColumn('paused', 'integer', (c) => c.notNull())
    .addColumn('hook_hash', 'text')
    .addColumn('hook_secret', 'blob')
    .addColumn('near_miss', 'text')
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .execute()
  await sql`create unique index trigger_name on "trigger" (lower(name))`.execute(db)
  await sql`create unique index trigger_hook on "trigger" (hook_hash) where hook_hash is not null`.execute(db)

  // Written in the transaction of what happened, and gone once triggers have taken it up.
  await schema
    .createTable('occasion')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .execute()

  // The key is what makes sure that nothing fires twice for one occasion.
  await schema
    .createTable('firing')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('trigger_id', 'text', (c) => c.notNull().references('trigger.id').onDelete('cascade'))
    .addColumn('occasion_id', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('detail', 'text')
    .addColumn('cause', 'text', (c) => c.notNull())
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('batch_id', 'text')
    .addUniqueConstraint('firing_once', ['trigger_id', 'occasion_id'])
    .execute()
  // "What came of it, newest first"; "when did it last start anything here?"
  await schema.createIndex('firing_of').on('firing').columns(['trigger_id', 'id']).execute()
  // Whose runs these are; a chain is followed by it.
  await sql`create index firing_batch on firing (batch_id) where batch_id is not null`.execute(db)

  // Channels that a schedule brought along; they go with it.
  await schema
    .alterTable('channel')
    .addColumn('schedule_id', 'text', (c) => c.references('schedule.id').onDelete('cascade'))
    .execute()

  // Calls that came already, so that one that is caught on its way cannot be sent again.
  await schema
    .createTable('hook_call')
    .addColumn('trigger_id', 'text', (c) => c.notNull().references('trigger.id').onDelete('cascade'))
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('hook_call_pk', ['trigger_id', 'key'])
    .execute()
}
