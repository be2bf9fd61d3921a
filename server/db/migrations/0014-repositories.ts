import type { Kysely } from 'kysely'

/** Backup repositories of the nodes: what opens them, how they were met last, and when a restore was proved. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db

  await schema
    .createTable('repository')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('node_id', 'text', (c) => c.notNull().references('node.id').onDelete('cascade'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('location', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('secret', 'blob')
    .addColumn('secret_set_at', 'text')
    .addColumn('secret_variables', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('newest_at', 'text')
    .addColumn('backups', 'integer', (c) => c.notNull())
    .addColumn('size_bytes', 'integer')
    // Proofs outlive the executions they come from, so nothing refers to those.
    .addColumn('looked_at', 'text')
    .addColumn('execution_id', 'text')
    .addColumn('check_body', 'text')
    .addColumn('drill', 'text')
    .addColumn('proof', 'text')
    .addColumn('findings', 'text', (c) => c.notNull())
    .addUniqueConstraint('repository_place', ['node_id', 'kind', 'location'])
    .execute()
}
