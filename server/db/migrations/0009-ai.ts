import type { Kysely } from 'kysely'

/** How models are asked, what opens them, every exchange with them, and what they do in batches. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db

  await schema
    .createTable('ai_setup')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('value', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .execute()

  await schema
    .createTable('ai_key')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('secret', 'blob', (c) => c.notNull())
    .addColumn('base_url', 'text', (c) => c.notNull())
    .addColumn('set_at', 'text', (c) => c.notNull())
    .execute()

  // Outlives its execution only until the next sweep, so nothing refers to anything.
  await schema
    .createTable('ai_exchange')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('ended_at', 'text')
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('driver', 'text', (c) => c.notNull())
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('mode', 'text', (c) => c.notNull())
    .addColumn('execution_id', 'text')
    .addColumn('node_id', 'text')
    .addColumn('agent_id', 'text')
    .addColumn('request', 'text', (c) => c.notNull())
    .addColumn('answer', 'text')
    .addColumn('outcome', 'text')
    .execute()
  await schema.createIndex('ai_exchange_driver_at').on('ai_exchange').columns(['driver', 'at']).execute()
  await schema.createIndex('ai_exchange_at').on('ai_exchange').column('at').execute()

  await schema
    .createTable('ai_batch')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('submitted_at', 'text', (c) => c.notNull())
    .addColumn('due_at', 'text', (c) => c.notNull())
    .addColumn('next_poll_at', 'text', (c) => c.notNull())
    .addColumn('polls', 'integer', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .execute()

  await schema
    .createTable('ai_batch_item')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('batch_id', 'text')
    .addColumn('topic', 'text', (c) => c.notNull())
    .addColumn('due_at', 'text', (c) => c.notNull())
    .addColumn('wanted', 'text', (c) => c.notNull())
    .execute()
  await schema.createIndex('ai_batch_item_batch').on('ai_batch_item').column('batch_id').execute()
}
