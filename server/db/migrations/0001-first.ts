import { type Kysely, sql } from 'kysely'

/** Everything the first version keeps. Each index names the question it answers. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const create = db.schema

  await create
    .createTable('meta')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('value', 'text', (c) => c.notNull())
    .execute()

  await create
    .createTable('setting')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('value', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .execute()

  await create
    .createTable('audit')
    .addColumn('seq', 'integer', (c) => c.primaryKey())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('ip', 'text')
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('target', 'text')
    .addColumn('detail', 'text', (c) => c.notNull())
    .addColumn('previous_hash', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .execute()
  // "What happened to this node?"
  await create.createIndex('audit_target').on('audit').columns(['target', 'seq']).execute()
  // "Who logged in?"
  await create.createIndex('audit_action').on('audit').columns(['action', 'seq']).execute()

  await create
    .createTable('user')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('password_hash', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('password_changed_at', 'text', (c) => c.notNull())
    .execute()
  await create.createIndex('user_name').on('user').expression(sql`lower(name)`).unique().execute()

  await create
    .createTable('session')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('token_hash', 'text', (c) => c.notNull().unique())
    .addColumn('user_id', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('ip', 'text')
    .addColumn('user_agent', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('last_seen_at', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'text', (c) => c.notNull())
    .execute()
  await create.createIndex('session_user').on('session').column('user_id').execute()

  await create
    .createTable('api_token')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('user_id', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('prefix', 'text', (c) => c.notNull())
    .addColumn('token_hash', 'text', (c) => c.notNull().unique())
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'text')
    .addColumn('last_used_at', 'text')
    .execute()

  await create
    .createTable('credential')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('secret', 'blob', (c) => c.notNull())
    .addColumn('sudo_password', 'blob')
    .addColumn('public_key', 'text')
    .addColumn('fingerprint', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('secret_set_at', 'text', (c) => c.notNull())
    .execute()
  await create.createIndex('credential_name').on('credential').expression(sql`lower(name)`).unique().execute()

  await create
    .createTable('node')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('host', 'text', (c) => c.notNull())
    .addColumn('port', 'integer', (c) => c.notNull())
    .addColumn('username', 'text', (c) => c.notNull())
    .addColumn('credential_id', 'text', (c) => c.references('credential.id'))
    .addColumn('jump_node_id', 'text', (c) => c.references('node.id'))
    .addColumn('transport', 'text', (c) => c.notNull())
    .addColumn('elevation', 'text', (c) => c.notNull())
    .addColumn('legacy_algorithms', 'integer', (c) => c.notNull())
    .addColumn('tags', 'text', (c) => c.notNull())
    .addColumn('allowed_agents', 'text')
    .addColumn('connections_per_hour', 'integer')
    .addColumn('paused', 'integer', (c) => c.notNull())
    .addColumn('platform', 'text', (c) => c.notNull())
    .addColumn('python_hint', 'text')
    .addColumn('last_seen_at', 'text')
    .addColumn('last_problem', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .execute()
  // Names are unique whatever their case, and the list is ordered by them.
  await create.createIndex('node_name').on('node').expression(sql`lower(name)`).unique().execute()
  await create.createIndex('node_credential').on('node').column('credential_id').execute()

  await create
    .createTable('host_key')
    .addColumn('node_id', 'text', (c) => c.notNull().references('node.id').onDelete('cascade'))
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('fingerprint', 'text', (c) => c.notNull())
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('pinned_at', 'text', (c) => c.notNull())
    .addColumn('seen_at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('host_key_pk', ['node_id', 'key'])
    .execute()

  await create
    .createTable('quarantine')
    .addColumn('node_id', 'text', (c) => c.notNull().references('node.id').onDelete('cascade'))
    .addColumn('credential_id', 'text', (c) => c.notNull().references('credential.id').onDelete('cascade'))
    .addColumn('since', 'text', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('quarantine_pk', ['node_id', 'credential_id'])
    .execute()

  await create
    .createTable('batch')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('agent_id', 'text', (c) => c.notNull())
    .addColumn('started_by', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute()

  await create
    .createTable('execution')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('batch_id', 'text', (c) => c.references('batch.id'))
    .addColumn('agent_id', 'text', (c) => c.notNull())
    .addColumn('agent_version', 'text', (c) => c.notNull())
    .addColumn('bundle_sha256', 'text', (c) => c.notNull())
    .addColumn('node_id', 'text', (c) => c.notNull().references('node.id').onDelete('cascade'))
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('active', 'integer', (c) => c.notNull())
    .addColumn('dry_run', 'integer', (c) => c.notNull())
    .addColumn('options', 'text', (c) => c.notNull())
    .addColumn('timeout_s', 'integer', (c) => c.notNull())
    .addColumn('started_by', 'text', (c) => c.notNull())
    .addColumn('queued_at', 'text', (c) => c.notNull())
    .addColumn('not_before', 'text')
    .addColumn('waiting_for', 'text')
    .addColumn('started_at', 'text')
    .addColumn('finished_at', 'text')
    .addColumn('outcome', 'text')
    .addColumn('log_lines', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('verdict', 'text')
    .addColumn('finding_counts', 'text')
    .addColumn('fence', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('cancel_requested_by', 'text')
    .addColumn('reattach', 'text')
    .execute()
  // "What waits, what runs?" Only the handful of live rows is in this index.
  await sql`create index execution_active on execution (state, id) where active = 1`.execute(db)
  // Lists by node, agent, batch and state, newest first (ids sort by time).
  await create.createIndex('execution_node').on('execution').columns(['node_id', 'id']).execute()
  await create.createIndex('execution_agent').on('execution').columns(['agent_id', 'id']).execute()
  await create.createIndex('execution_batch').on('execution').columns(['batch_id', 'id']).execute()
  await create.createIndex('execution_state').on('execution').columns(['state', 'id']).execute()
  // "What failed on this node, what did of this agent?" Where little or nothing did, all the rest is not looked at.
  await create
    .createIndex('execution_node_state')
    .on('execution')
    .columns(['node_id', 'state', 'id'])
    .execute()
  await create
    .createIndex('execution_agent_state')
    .on('execution')
    .columns(['agent_id', 'state', 'id'])
    .execute()

  await create
    .createTable('journal')
    .addColumn('execution_id', 'text', (c) => c.notNull().references('execution.id').onDelete('cascade'))
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('step', 'text', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('journal_pk', ['execution_id', 'seq'])
    .execute()

  await create
    .createTable('report')
    .addColumn('execution_id', 'text', (c) => c.primaryKey().references('execution.id').onDelete('cascade'))
    .addColumn('node_id', 'text', (c) => c.notNull().references('node.id').onDelete('cascade'))
    .addColumn('agent_id', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .execute()
  // "The run before": what changed since last time.
  await create
    .createIndex('report_previous')
    .on('report')
    .columns(['node_id', 'agent_id', 'execution_id'])
    .execute()

  await create
    .createTable('finding')
    .addColumn('node_id', 'text', (c) => c.notNull().references('node.id').onDelete('cascade'))
    .addColumn('agent_id', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('rule', 'text', (c) => c.notNull())
    .addColumn('severity', 'text', (c) => c.notNull())
    .addColumn('severity_rank', 'integer', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('evidence', 'text', (c) => c.notNull())
    .addColumn('fix', 'text')
    .addColumn('confidence', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('first_seen_at', 'text', (c) => c.notNull())
    .addColumn('last_seen_at', 'text', (c) => c.notNull())
    .addColumn('resolved_at', 'text')
    .addColumn('absent_runs', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('acknowledged_at', 'text')
    .addColumn('acknowledged_by', 'text')
    .addColumn('execution_id', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('finding_pk', ['node_id', 'agent_id', 'key'])
    .execute()
  // "What is open over all nodes, most severe first?"
  await sql`create index finding_open on finding (severity_rank, last_seen_at desc) where resolved_at is null`.execute(
    db,
  )

  await create
    .createTable('sample')
    .addColumn('node_id', 'text', (c) => c.notNull().references('node.id').onDelete('cascade'))
    .addColumn('agent_id', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('sample_pk', ['node_id', 'agent_id', 'key', 'at'])
    .execute()

  await create
    .createTable('metric')
    .addColumn('node_id', 'text', (c) => c.notNull().references('node.id').onDelete('cascade'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('labels', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('value', 'real', (c) => c.notNull())
    .addColumn('unit', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('metric_pk', ['node_id', 'name', 'labels', 'at'])
    .execute()
}
