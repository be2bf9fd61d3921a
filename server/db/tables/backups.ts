import type { BackupDrillId, BackupPlaceId } from '../../../contract/ids.ts'
import type { Fixed, Flag, Instant, Json } from './columns.ts'

/** Backups of the server itself. */
export interface OwnBackupTables {
  own_backup: {
    name: Fixed<string>
    kind: Fixed<'nightly' | 'manual'>
    created_at: Fixed<Instant>
    size_bytes: Fixed<number>
    key_id: Fixed<string>
    app_version: Fixed<string>
    rows: Fixed<number>
    has_logs: Fixed<Flag>
    proved_at: Instant | null
  }
  own_backup_place: {
    id: Fixed<BackupPlaceId>
    settings: Fixed<Json>
    secret: Buffer | null
    created_at: Fixed<Instant>
    names: Json
    looked_at: Instant | null
    filled_at: Instant | null
    problem: Json | null
  }
  own_backup_drill: {
    id: Fixed<BackupDrillId>
    at: Fixed<Instant>
    name: Fixed<string>
    place_id: Fixed<BackupPlaceId | null>
    is_proved: Fixed<Flag>
    body: Fixed<Json>
  }
}
