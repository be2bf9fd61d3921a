import type { Database, Tx } from '../db/database.ts'

/** SQL for the settings: one row for each that somebody has set. */
export function createSettingsStore(db: Database) {
  /** The values as JSON text, by name. */
  async function all(from: Pick<Tx, 'selectFrom'> = db.read): Promise<Map<string, string>> {
    const rows = await from.selectFrom('setting').select(['name', 'value']).execute()
    return new Map(rows.map(({ name, value }) => [name, value]))
  }

  async function put(tx: Tx, name: string, value: string, now: string): Promise<void> {
    await tx
      .insertInto('setting')
      .values({ name, value, updated_at: now })
      .onConflict((row) => row.column('name').doUpdateSet({ value, updated_at: now }))
      .execute()
  }

  return { all, put }
}
