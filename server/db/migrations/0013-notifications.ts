import type { Kysely } from 'kysely'

/** What people have to hear of, where it goes, and what became of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db

  // Written in the transaction of what it tells of; nothing refers to nodes, which may be gone by the time it is sent.
  await schema
    .createTable('notice')
    // Ids of one millisecond come in any order, and what came first matters here.
    .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('id', 'text', (c) => c.notNull().unique())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('severity', 'text', (c) => c.notNull())
    .addColumn('node_id', 'text')
    .addColumn('agent_id', 'text')
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .execute()
  await schema.createIndex('notice_state').on('notice').columns(['state', 'seq']).execute()
  await schema.createIndex('notice_key').on('notice').columns(['key', 'seq']).execute()
  await schema.createIndex('notice_at').on('notice').column('at').execute()

  await schema
    .createTable('channel')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('enabled', 'integer', (c) => c.notNull())
    .addColumn('fallback_id', 'text')
    .addColumn('settings', 'text', (c) => c.notNull())
    .addColumn('secrets', 'blob')
    .addColumn('secret_names', 'text', (c) => c.notNull())
    .addColumn('place', 'text')
    .addColumn('last_sent_at', 'text')
    .addColumn('last_problem', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .execute()

  // Notices that are not in a message yet.
  await schema
    .createTable('held_notice')
    .addColumn('channel_id', 'text', (c) => c.notNull().references('channel.id').onDelete('cascade'))
    .addColumn('notice_id', 'text', (c) => c.notNull().references('notice.id').onDelete('cascade'))
    .addColumn('due_at', 'text', (c) => c.notNull())
    .addColumn('why', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('held_notice_pk', ['channel_id', 'notice_id'])
    .execute()
  await schema.createIndex('held_notice_due').on('held_notice').column('due_at').execute()

  await schema
    .createTable('delivery')
    .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('id', 'text', (c) => c.notNull().unique())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('channel_id', 'text', (c) => c.notNull().references('channel.id').onDelete('cascade'))
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('message', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('notices', 'integer', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('next_at', 'text')
    .addColumn('sent_at', 'text')
    .addColumn('problem', 'text')
    .addColumn('instead_of', 'text')
    .execute()
  await schema.createIndex('delivery_next').on('delivery').columns(['state', 'next_at']).execute()
  await schema.createIndex('delivery_channel').on('delivery').columns(['channel_id', 'id']).execute()

  await schema
    .createTable('notification_setup')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('value', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .execute()

  // Whoever knows a subscription can wake that browser, so it is sealed; the hash finds it again.
  await schema
    .createTable('push_subscription')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('user_id', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('subscription', 'blob', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute()
}
