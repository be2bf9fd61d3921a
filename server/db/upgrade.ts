import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type Sqlite from 'better-sqlite3'
import { fail } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { copyDatabase } from './copy.ts'
import type { Room } from './disk-guard.ts'
import { inspectDatabase } from './inspect.ts'

/** Where snapshots of the database lie in a data folder, besides the backups. */
export const snapshotFolderOf = (dataFolder: string): string => join(dataFolder, 'backups')

/** As many snapshots stay; an upgrade that went wrong is noticed within a few more. */
const kept = 3
/** The snapshot, what the migration writes, and the log of both: of the size of the database. */
const roomFactor = 2.5
const mebibyte = 1_048_576

/** What came of bringing a database up to a newer version. */
export interface Upgrade {
  /** The version that used it before; null when it did not say. */
  readonly from: string | null
  readonly to: string
  readonly steps: readonly string[]
  readonly tookMs: number
  /** The database as it was before. */
  readonly snapshot: string
}

/** How to go back, for whoever reads the log or the terminal. */
export const wayBackOf = ({ from, snapshot }: Pick<Upgrade, 'from' | 'snapshot'>): string =>
  `To go back: stop the server, start version ${from ?? 'that was here before'} once with \`carl restore --replace ${snapshot}\`, then as usual.`

/** Bytes that an upgrade needs on the disk. */
export const roomForUpgrade = (databaseBytes: number): number => Math.ceil(databaseBytes * roomFactor)

/** Throws `storage.no_room_to_upgrade` before anything is written. */
export function checkRoomForUpgrade(file: string, { free }: Room): void {
  const size = [file, `${file}-wal`].reduce(
    (sum, path) => sum + (existsSync(path) ? statSync(path).size : 0),
    0,
  )
  const needed = roomForUpgrade(size)
  if (free >= needed) return
  const toMib = (bytes: number) => Math.ceil(bytes / mebibyte)
  throw fail('storage.no_room_to_upgrade', {
    detail: `The database has ${toMib(size)} MiB, so ${toMib(needed)} MiB are needed; ${Math.floor(free / mebibyte)} MiB are free. Nothing was changed.`,
  })
}

interface SnapshotOrder {
  readonly dataFolder: string
  /** The version that is about to change it. */
  readonly appVersion: string
  readonly at: Date
  readonly logger: Logger
}

/**
 * Keeps the database as it is before it is migrated: whole, checked and on the disk. It lies beside the database and is as
 * it is, so it opens without any key; secrets in it are sealed as ever.
 */
export async function takeSnapshot(sqlite: Sqlite.Database, order: SnapshotOrder): Promise<string> {
  const { dataFolder, appVersion, at, logger } = order
  const folder = snapshotFolderOf(dataFolder)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(folder))
    if (name.endsWith('.part')) rmSync(join(folder, name), { force: true })
  const stamp = at.toISOString().replace(/[-:]|\.\d+/g, '')
  const file = join(folder, `before-${appVersion}-${stamp}.db`)
  await copyDatabase(sqlite, file)
  const { damage } = await inspectDatabase(file)
  if (damage !== null) {
    rmSync(file, { force: true })
    throw fail('storage.damaged', { detail: `The copy before the upgrade is not whole: ${damage}` })
  }
  logger.info({ file, sizeBytes: statSync(file).size }, 'snapshot taken before the upgrade')
  return file
}

/** Snapshots in a data folder, newest first. */
export function listSnapshots(dataFolder: string): string[] {
  const folder = snapshotFolderOf(dataFolder)
  if (!existsSync(folder)) return []
  const stampOf = (name: string) => name.slice(-'20261127T010203Z.db'.length)
  return readdirSync(folder)
    .filter((name) => /^before-.+-\d{8}T\d{6}Z\.db$/.test(name))
    .sort((a, b) => stampOf(b).localeCompare(stampOf(a)))
    .map((name) => join(folder, name))
}

/** Lets the oldest snapshots go, once an upgrade has worked. */
export function thinSnapshots(dataFolder: string): void {
  for (const file of listSnapshots(dataFolder).slice(kept)) rmSync(file, { force: true })
}
