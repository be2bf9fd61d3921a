import type { Kysely } from 'kysely'

/** Changes that somebody said no to, so that the next run does not ask again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db

  await schema
    .createTable('rejection')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('node_id', 'text', (c) => c.notNull().references('node.id').onDelete('cascade'))
    .addColumn('agent_id', 'text', (c) => c.notNull())
    .addColumn('change_key', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('object', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addColumn('why', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('until', 'text')
    .addUniqueConstraint('rejection_of', ['node_id', 'agent_id', 'change_key'])
    .execute()

  await schema.alterTable('plan_action').addColumn('rejection_id', 'text').execute()
  await schema.createIndex('plan_action_rejection').on('plan_action').columns(['rejection_id']).execute()
}
