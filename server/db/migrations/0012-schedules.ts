import { type Kysely, sql } from 'kysely'

/** What runs by itself, and what became of each time that it should. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db

  await schema
    .createTable('schedule')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('spec', 'text', (c) => c.notNull())
    .addColumn('notifications', 'blob')
    .addColumn('source', 'blob')
    .addColumn('paused', 'integer', (c) => c.notNull())
    .addColumn('next_at', 'text')
    .addColumn('next_due_at', 'text')
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .execute()
  await sql`create unique index schedule_name on schedule (lower(name))`.execute(db)
  // "What is due?"
  await schema.createIndex('schedule_due').on('schedule').column('next_due_at').execute()

  // The key is what makes sure that nothing fires twice, whatever clocks, crashes and second servers do.
  await schema
    .createTable('occurrence')
    .addColumn('schedule_id', 'text', (c) => c.notNull().references('schedule.id').onDelete('cascade'))
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('due_at', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('detail', 'text')
    .addColumn('count', 'integer', (c) => c.notNull())
    .addColumn('settled_at', 'text')
    .addColumn('batch_id', 'text')
    .addPrimaryKeyConstraint('occurrence_pk', ['schedule_id', 'at'])
    .execute()
  // The calendar, and retention.
  await schema.createIndex('occurrence_at').on('occurrence').column('at').execute()
  // "Does the run before still go on?"
  await sql`create index occurrence_batch on occurrence (batch_id) where batch_id is not null`.execute(db)
  await sql`create index occurrence_waiting on occurrence (schedule_id, at) where state = 'waiting'`.execute(
    db,
  )
}
