import type { Kysely } from 'kysely'

/** Keys of single nodes, and how far their renewal has come. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db

  // Of what is stored already nobody knows where else it is used, so it counts as brought from elsewhere.
  await schema
    .alterTable('credential')
    .addColumn('origin', 'text', (c) => c.notNull().defaultTo('uploaded'))
    .execute()

  await schema
    .createTable('node_key')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('node_id', 'text', (c) => c.notNull().references('node.id').onDelete('cascade'))
    .addColumn('credential_id', 'text', (c) => c.notNull().references('credential.id').onDelete('cascade'))
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('secret', 'blob', (c) => c.notNull())
    .addColumn('public_key', 'text', (c) => c.notNull())
    .addColumn('fingerprint', 'text', (c) => c.notNull())
    .addColumn('made_at', 'text', (c) => c.notNull())
    .addColumn('active_since', 'text')
    .execute()
  // "Which key opens this node?", and never two of them.
  await schema
    .createIndex('node_key_place')
    .on('node_key')
    .columns(['node_id', 'credential_id', 'state'])
    .unique()
    .execute()

  await schema
    .createTable('key_rotation')
    .addColumn('node_id', 'text', (c) => c.primaryKey().references('node.id').onDelete('cascade'))
    .addColumn('credential_id', 'text', (c) => c.notNull().references('credential.id').onDelete('cascade'))
    .addColumn('step', 'text', (c) => c.notNull())
    .addColumn('strategy', 'text')
    .addColumn('waits_for_person', 'integer', (c) => c.notNull())
    .addColumn('problem', 'text')
    .addColumn('retry_at', 'text')
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('started_at', 'text', (c) => c.notNull())
    .addColumn('started_by', 'text', (c) => c.notNull())
    .addColumn('activated_at', 'text')
    .addColumn('good_runs', 'integer', (c) => c.notNull())
    .addColumn('old_public_key', 'text', (c) => c.notNull())
    .addColumn('old_fingerprint', 'text', (c) => c.notNull())
    .addColumn('new_public_key', 'text')
    .addColumn('new_fingerprint', 'text')
    .addColumn('ended_at', 'text')
    .execute()
}
