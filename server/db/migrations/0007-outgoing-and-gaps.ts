import type { Kysely } from 'kysely'

/** What the server talked to by HTTP, for the page that lists it; and where the audit trail was thinned out. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('outgoing_contact')
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('host', 'text', (c) => c.notNull())
    .addColumn('last_at', 'text', (c) => c.notNull())
    .addColumn('last_result', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('outgoing_contact_pk', ['purpose', 'host'])
    .execute()

  await db.schema
    .createTable('audit_gap')
    .addColumn('first_seq', 'integer', (c) => c.primaryKey())
    .addColumn('last_seq', 'integer', (c) => c.notNull())
    .addColumn('previous_hash', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('seal', 'text', (c) => c.notNull())
    .execute()
}
