import type { Kysely } from 'kysely'

/** Signing in by the word of somebody else: an identity provider, or the proxy in front. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const create = db.schema

  await create
    .createTable('provider')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('issuer', 'text', (c) => c.notNull())
    .addColumn('client_id', 'text', (c) => c.notNull())
    .addColumn('client_secret', 'blob')
    .addColumn('scopes', 'text', (c) => c.notNull())
    .addColumn('group_claim', 'text', (c) => c.notNull())
    .addColumn('label', 'text', (c) => c.notNull())
    .addColumn('enabled', 'integer', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .execute()

  await create
    .createTable('access_rules')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('group_roles', 'text', (c) => c.notNull())
    .addColumn('otherwise', 'text')
    .addColumn('hides_password', 'integer', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .execute()

  await create
    .createTable('identity')
    .addColumn('issuer', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull().unique().references('user.id').onDelete('cascade'))
    .addColumn('groups', 'text', (c) => c.notNull())
    .addColumn('role', 'text')
    .addColumn('pinned', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('seen_at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('identity_pk', ['issuer', 'subject'])
    .execute()

  await create
    .createTable('outside_session')
    .addColumn('session_id', 'text', (c) => c.primaryKey().references('session.id').onDelete('cascade'))
    .addColumn('issuer', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('sid', 'text')
    .execute()
  // "Whom has the provider signed out?"
  await create
    .createIndex('outside_session_subject')
    .on('outside_session')
    .columns(['issuer', 'subject'])
    .execute()
}
