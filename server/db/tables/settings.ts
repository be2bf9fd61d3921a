import type { Fixed, Instant, Json } from './columns.ts'

/** What the database says of itself, and the settings. */
export interface SettingTables {
  meta: { name: Fixed<string>; value: string }
  setting: { name: Fixed<string>; value: Json; updated_at: Instant }
}
