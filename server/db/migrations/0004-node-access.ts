import type { Kysely } from 'kysely'

/** What a node lets us do, as it told when it was asked last. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('node_access')
    .addColumn('node_id', 'text', (c) => c.primaryKey().references('node.id').onDelete('cascade'))
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('facts', 'text', (c) => c.notNull())
    .execute()
}
