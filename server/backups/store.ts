import type {
  BackupDrill,
  BackupPlace,
  BackupRules,
  OwnBackup,
  PlaceSettings,
} from '../../contract/own-backups.ts'
import type { BackupPlaceId } from '../../contract/ids.ts'
import type { Problem } from '../../contract/errors.ts'
import type { Database, Tx } from '../db/database.ts'

const rulesRow = 'own_backup_rules'
const usualRules: BackupRules = { isOn: true, hour: 2, hasLogs: false }
/** As many drills are remembered: a year of weeks. */
const mostDrills = 52

/** A backup that was made here. */
export type KnownBackup = Omit<OwnBackup, 'isHere' | 'placeIds'>

/** SQL for the backups of this server. No secret leaves it but sealed. */
export function createBackupStore(db: Database) {
  async function rules(): Promise<BackupRules> {
    const row = await db.read
      .selectFrom('meta')
      .select('value')
      .where('name', '=', rulesRow)
      .executeTakeFirst()
    return row ? { ...usualRules, ...(JSON.parse(row.value) as Partial<BackupRules>) } : usualRules
  }

  async function putRules(tx: Tx, wanted: BackupRules): Promise<void> {
    const value = JSON.stringify(wanted)
    await tx
      .insertInto('meta')
      .values({ name: rulesRow, value })
      .onConflict((row) => row.column('name').doUpdateSet({ value }))
      .execute()
  }

  async function backups(): Promise<KnownBackup[]> {
    const rows = await db.read.selectFrom('own_backup').selectAll().orderBy('created_at', 'desc').execute()
    return rows.map((row) => ({
      name: row.name,
      kind: row.kind,
      createdAt: row.created_at,
      sizeBytes: row.size_bytes,
      keyId: row.key_id,
      appVersion: row.app_version,
      rows: row.rows,
      hasLogs: row.has_logs === 1,
      provedAt: row.proved_at,
    }))
  }

  async function insert(
    tx: Tx,
    backup: {
      name: string
      kind: OwnBackup['kind']
      createdAt: string
      sizeBytes: number
      keyId: string
      appVersion: string
      rows: number
      hasLogs: boolean
    },
  ): Promise<void> {
    await tx
      .insertInto('own_backup')
      .values({
        name: backup.name,
        kind: backup.kind,
        created_at: backup.createdAt,
        size_bytes: backup.sizeBytes,
        key_id: backup.keyId,
        app_version: backup.appVersion,
        rows: backup.rows,
        has_logs: backup.hasLogs ? 1 : 0,
        proved_at: null,
      })
      .onConflict((row) => row.column('name').doNothing())
      .execute()
  }

  async function places(): Promise<(BackupPlace & { readonly secret: Buffer | null })[]> {
    const rows = await db.read.selectFrom('own_backup_place').selectAll().orderBy('created_at').execute()
    return rows.map((row) => ({
      id: row.id,
      settings: JSON.parse(row.settings) as PlaceSettings,
      secret: row.secret,
      createdAt: row.created_at,
      names: JSON.parse(row.names) as string[],
      lookedAt: row.looked_at,
      filledAt: row.filled_at,
      problem: row.problem === null ? null : (JSON.parse(row.problem) as Problem),
    }))
  }

  async function insertPlace(
    tx: Tx,
    place: {
      id: BackupPlaceId
      settings: PlaceSettings
      secret: Buffer | null
      createdAt: string
      names: readonly string[]
    },
  ): Promise<void> {
    await tx
      .insertInto('own_backup_place')
      .values({
        id: place.id,
        settings: JSON.stringify(place.settings),
        secret: place.secret,
        created_at: place.createdAt,
        names: JSON.stringify(place.names),
        looked_at: place.createdAt,
        filled_at: null,
        problem: null,
      })
      .execute()
  }

  async function removePlace(tx: Tx, id: BackupPlaceId): Promise<boolean> {
    const { numDeletedRows } = await tx.deleteFrom('own_backup_place').where('id', '=', id).executeTakeFirst()
    return numDeletedRows > 0n
  }

  /** How a place was met: what lies there, or what was wrong. */
  async function putSight(
    tx: Tx,
    id: BackupPlaceId,
    sight: { at: string; names?: readonly string[]; isFilled?: boolean; problem: Problem | null },
  ): Promise<void> {
    await tx
      .updateTable('own_backup_place')
      .set({
        ...(sight.names && { names: JSON.stringify(sight.names), looked_at: sight.at }),
        ...(sight.isFilled && { filled_at: sight.at }),
        problem: sight.problem && JSON.stringify(sight.problem),
      })
      .where('id', '=', id)
      .execute()
  }

  async function drills(limit: number): Promise<BackupDrill[]> {
    const rows = await db.read
      .selectFrom('own_backup_drill')
      .selectAll()
      .orderBy('at', 'desc')
      .limit(limit)
      .execute()
    return rows.map((row) => ({
      id: row.id,
      at: row.at,
      name: row.name,
      placeId: row.place_id,
      isProved: row.is_proved === 1,
      ...(JSON.parse(row.body) as Pick<BackupDrill, 'bytes' | 'rows' | 'tookMs' | 'problem'>),
    }))
  }

  async function insertDrill(tx: Tx, drill: BackupDrill): Promise<void> {
    const { id, at, name, placeId, isProved, ...body } = drill
    await tx
      .insertInto('own_backup_drill')
      .values({
        id,
        at,
        name,
        place_id: placeId,
        is_proved: isProved ? 1 : 0,
        body: JSON.stringify(body),
      })
      .execute()
    if (isProved) {
      await tx.updateTable('own_backup').set({ proved_at: at }).where('name', '=', name).execute()
    }
    const kept = tx.selectFrom('own_backup_drill').select('id').orderBy('at', 'desc').limit(mostDrills)
    await tx.deleteFrom('own_backup_drill').where('id', 'not in', kept).execute()
  }

  return {
    rules,
    putRules,
    backups,
    insert,
    places,
    insertPlace,
    removePlace,
    putSight,
    drills,
    insertDrill,
  }
}
export type BackupStore = ReturnType<typeof createBackupStore>
