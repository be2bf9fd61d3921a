import { type Kysely, sql } from 'kysely'

/**
 * The ledger of what models cost, with its limits and prices. A call outlives the execution and the node that it was
 * made for: what was spent stays spent.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db

  await schema
    .createTable('ai_call')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('execution_id', 'text')
    .addColumn('node_id', 'text')
    .addColumn('agent_id', 'text')
    .addColumn('driver', 'text', (c) => c.notNull())
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('mode', 'text', (c) => c.notNull())
    .addColumn('billing', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('price_row', 'text', (c) => c.notNull())
    .addColumn('is_price_known', 'integer', (c) => c.notNull())
    .addColumn('input_bound', 'integer', (c) => c.notNull())
    .addColumn('max_output', 'integer', (c) => c.notNull())
    .addColumn('cache_ttl', 'text', (c) => c.notNull())
    .addColumn('input_chars', 'integer')
    .addColumn('prompt_version', 'text')
    .addColumn('reserved_nano_usd', 'integer', (c) => c.notNull())
    .addColumn('charged_nano_usd', 'integer', (c) => c.notNull())
    .addColumn('list_nano_usd', 'integer')
    .addColumn('input', 'integer')
    .addColumn('cache_write_5m', 'integer')
    .addColumn('cache_write_1h', 'integer')
    .addColumn('cache_read', 'integer')
    .addColumn('output', 'integer')
    .addColumn('thinking', 'integer')
    .addColumn('request_id', 'text')
    .addColumn('stop_reason', 'text')
    .addColumn('duration_ms', 'integer')
    .addColumn('why', 'text')
    .addColumn('expires_at', 'text', (c) => c.notNull())
    .execute()
  // "What did this execution cost?" Also read by every reservation, so the amount is in it.
  await schema
    .createIndex('ai_call_execution')
    .on('ai_call')
    .columns(['execution_id', 'id', 'charged_nano_usd'])
    .execute()
  // "What was spent since a day, by whom?"
  await schema.createIndex('ai_call_day').on('ai_call').column('day').execute()
  // "What were the last calls of this model billed for?"
  await schema.createIndex('ai_call_model').on('ai_call').columns(['model', 'agent_id', 'id']).execute()
  // The handful that is under way or whose bill is not known.
  await sql`create index ai_call_held on ai_call (state, id) where state in ('reserved', 'unknown')`.execute(
    db,
  )

  // Sums by day and agent, so that a reservation reads a few rows and not a month of calls. The database itself keeps
  // them, so that no change of a call can leave them behind.
  await schema
    .createTable('ai_spend')
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('agent_id', 'text', (c) => c.notNull())
    .addColumn('charged_nano_usd', 'integer', (c) => c.notNull())
    .addColumn('held_nano_usd', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('ai_spend_pk', ['day', 'agent_id'])
    .execute()
  const isHeld = (row: 'new' | 'old') => sql.raw(`(${row}.state in ('reserved', 'unknown'))`)
  const add = sql`
    insert into ai_spend (day, agent_id, charged_nano_usd, held_nano_usd)
    values (new.day, coalesce(new.agent_id, ''), new.charged_nano_usd, new.charged_nano_usd * ${isHeld('new')})
    on conflict (day, agent_id) do update set
      charged_nano_usd = charged_nano_usd + excluded.charged_nano_usd,
      held_nano_usd = held_nano_usd + excluded.held_nano_usd;`
  const subtract = sql`
    update ai_spend set
      charged_nano_usd = charged_nano_usd - old.charged_nano_usd,
      held_nano_usd = held_nano_usd - old.charged_nano_usd * ${isHeld('old')}
    where day = old.day and agent_id = coalesce(old.agent_id, '');`
  await sql`create trigger ai_call_added after insert on ai_call begin ${add} end`.execute(db)
  await sql`create trigger ai_call_changed after update on ai_call begin ${subtract} ${add} end`.execute(db)
  await sql`create trigger ai_call_removed after delete on ai_call begin ${subtract} end`.execute(db)

  await schema
    .createTable('budget')
    .addColumn('limit_kind', 'text', (c) => c.notNull())
    .addColumn('agent_id', 'text', (c) => c.notNull())
    .addColumn('limit_nano_usd', 'integer')
    .addPrimaryKeyConstraint('budget_pk', ['limit_kind', 'agent_id'])
    .execute()

  await schema
    .createTable('budget_notice')
    .addColumn('limit_kind', 'text', (c) => c.notNull())
    .addColumn('agent_id', 'text', (c) => c.notNull())
    .addColumn('period', 'text', (c) => c.notNull())
    .addColumn('percent', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('budget_notice_pk', ['period', 'limit_kind', 'agent_id', 'percent'])
    .execute()

  await schema
    .createTable('price_override')
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('effective_from', 'text', (c) => c.notNull())
    .addColumn('tiers', 'text', (c) => c.notNull())
    .addColumn('batch_percent', 'integer', (c) => c.notNull())
    .addColumn('as_of', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('price_override_pk', ['model', 'effective_from'])
    .execute()

  await schema
    .createTable('ai_saving')
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('agent_id', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('runs', 'integer', (c) => c.notNull())
    .addColumn('saved_nano_usd', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('ai_saving_pk', ['day', 'agent_id', 'reason'])
    .execute()
}
