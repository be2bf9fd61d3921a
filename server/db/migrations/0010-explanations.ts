import type { Kysely } from 'kysely'

/** What models made of reports, what was asked about them, and what later runs are compared with. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  const execution = 'execution.id'

  await schema
    .createTable('explanation')
    .addColumn('execution_id', 'text', (c) => c.primaryKey().references(execution).onDelete('cascade'))
    .addColumn('node_id', 'text', (c) => c.notNull())
    .addColumn('agent_id', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('detail', 'text')
    .addColumn('resets_at', 'text')
    .addColumn('body', 'text')
    .addColumn('depth', 'text', (c) => c.notNull())
    .addColumn('model', 'text')
    .addColumn('cost_nano_usd', 'integer')
    .addColumn('call_id', 'text')
    .addColumn('answered_at', 'text')
    .addColumn('cache_key', 'text')
    .addColumn('reused_from', 'text')
    .addColumn('similarity', 'real')
    .execute()
  await schema
    .createIndex('explanation_of')
    .on('explanation')
    .columns(['node_id', 'agent_id', 'execution_id'])
    .execute()

  await schema
    .createTable('run_snapshot')
    .addColumn('execution_id', 'text', (c) => c.primaryKey().references(execution).onDelete('cascade'))
    .addColumn('node_id', 'text', (c) => c.notNull())
    .addColumn('agent_id', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .execute()
  await schema
    .createIndex('run_snapshot_of')
    .on('run_snapshot')
    .columns(['node_id', 'agent_id', 'execution_id'])
    .execute()

  await schema
    .createTable('question')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('execution_id', 'text', (c) => c.notNull().references(execution).onDelete('cascade'))
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('asked_by', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('depth', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('detail', 'text')
    .addColumn('resets_at', 'text')
    .addColumn('body', 'text')
    .addColumn('model', 'text')
    .addColumn('cost_nano_usd', 'integer')
    .addColumn('call_id', 'text')
    .execute()
  await schema.createIndex('question_of').on('question').columns(['execution_id', 'id']).execute()
}
