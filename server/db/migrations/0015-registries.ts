import type { Kysely } from 'kysely'

/** What registries said about images, kept for all nodes that run them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db

  await schema
    .createTable('registry_answer')
    // Empty for what this server was told; otherwise the node that asked by itself.
    .addColumn('asked_from', 'text', (c) => c.notNull())
    .addColumn('reference', 'text', (c) => c.notNull())
    .addColumn('digest', 'text')
    // When this digest was seen first.
    .addColumn('digest_since', 'text')
    .addColumn('gone_looks', 'integer', (c) => c.notNull())
    .addColumn('trouble', 'text')
    .addColumn('looked_at', 'text', (c) => c.notNull())
    .addColumn('next_at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('registry_answer_key', ['asked_from', 'reference'])
    .execute()
  await schema
    .createTable('registry_tags')
    .addColumn('repository', 'text', (c) => c.primaryKey())
    .addColumn('tags', 'text', (c) => c.notNull())
    .addColumn('complete', 'integer', (c) => c.notNull())
    .addColumn('looked_at', 'text', (c) => c.notNull())
    .addColumn('next_at', 'text', (c) => c.notNull())
    .execute()
  // Registries that want to be left alone for a while.
  await schema
    .createTable('registry_pause')
    .addColumn('host', 'text', (c) => c.primaryKey())
    .addColumn('until', 'text', (c) => c.notNull())
    .execute()
}
