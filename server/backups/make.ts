import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { BackupRun } from '../../contract/own-backups.ts'
import { syncFile } from '../db/copy.ts'
import { type Room, roomOf } from '../db/disk-guard.ts'
import { inspectDatabase } from '../db/inspect.ts'
import type { OpenDatabase } from '../db/open.ts'
import { fail } from '../lib/errors.ts'
import type { MasterKey } from '../vault/master-key.ts'
import {
  databaseName,
  packBackup,
  sealedKeyName,
  type Source,
  sourcesBelow,
  unpackBackup,
} from './archive.ts'
import type { BackupKey } from './box.ts'
import { type BackupKind, nameOf } from './names.ts'

/** Where backups lie in a data folder. */
export const backupFolderOf = (dataFolder: string): string => join(dataFolder, 'backups')
const workFolderOf = (dataFolder: string): string => join(backupFolderOf(dataFolder), 'work')

const mebibyte = 1_048_576

/** Hears which step is under way and how far it is. */
export type StepHeard = (step: BackupRun['step'], done: number, total: number) => void

export interface MakeOrder {
  readonly dataFolder: string
  readonly db: Pick<OpenDatabase, 'copyTo' | 'file'>
  readonly masterKey: MasterKey
  readonly kind: BackupKind
  readonly at: Date
  readonly appVersion: string
  readonly instanceId: string
  readonly hasLogs: boolean
  readonly onStep: StepHeard
  readonly signal: AbortSignal
  readonly room?: () => Room
}

export interface MadeBackup {
  readonly name: string
  readonly kind: BackupKind
  readonly createdAt: string
  readonly sizeBytes: number
  readonly keyId: string
  readonly appVersion: string
  readonly rows: number
  readonly hasLogs: boolean
}

export const toBackupKey = (key: MasterKey): BackupKey => ({ id: key.id, key: key.purposeKey('backup-wrap') })

/** Removes what a run that was killed left behind. */
export const sweepWork = (dataFolder: string): void =>
  rmSync(workFolderOf(dataFolder), { recursive: true, force: true })

/** A folder for what is under way; gone with the next sweep. */
export function openWork(dataFolder: string): string {
  sweepWork(dataFolder)
  const folder = workFolderOf(dataFolder)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}

/**
 * Makes one backup: copy the database while it is used, check every page of the copy, pack and encrypt it with what belongs
 * to it, and read all of that back. Only then does it get its name. Throws `storage.full`, `storage.damaged`,
 * `storage.not_writable` or the reason of the signal; nothing is left behind.
 */
export async function makeBackup(order: MakeOrder): Promise<MadeBackup> {
  const { dataFolder, db, masterKey, kind, at, appVersion, instanceId, hasLogs, onStep, signal } = order
  const folder = backupFolderOf(dataFolder)
  checkRoom(order)
  const work = openWork(dataFolder)
  try {
    const copy = join(work, databaseName)
    await db.copyTo(copy, { signal, onProgress: (done, total) => onStep('copying', done, total) })
    onStep('checking', 0, 0)
    const inspected = await inspectDatabase(copy, signal)
    if (inspected.damage !== null) {
      throw fail('storage.damaged', { detail: `The copy of the database is not whole: ${inspected.damage}.` })
    }

    const sources = sourcesOf(dataFolder, copy, hasLogs)
    const total = sources.reduce((sum, { file }) => sum + sizeOf(file), 0)
    const createdAt = at.toISOString()
    const rows = Object.values(inspected.rows).reduce((sum, count) => sum + count, 0)
    const draft = join(work, 'sealed')
    let done = 0
    await packBackup({
      sources,
      facts: {
        createdAt,
        appVersion,
        keyId: masterKey.id,
        instanceId,
        rows: inspected.rows,
        migrations: [...inspected.migrations],
        auditHead: inspected.auditHead,
      },
      header: { createdAt, kind, appVersion, instanceId, hasLogs, rows },
      key: toBackupKey(masterKey),
      target: draft,
      onBytes: (bytes) => onStep('sealing', (done += bytes), total),
      signal,
    })
    done = 0
    await unpackBackup({
      file: draft,
      key: toBackupKey(masterKey),
      folder: null,
      onBytes: (bytes) => onStep('comparing', (done += bytes), total),
      signal,
    })
    const name = nameOf(instanceId, at, kind)
    renameSync(draft, join(folder, name))
    syncFile(folder)
    const sizeBytes = statSync(join(folder, name)).size
    return { name, kind, createdAt, sizeBytes, keyId: masterKey.id, appVersion, rows, hasLogs }
  } finally {
    sweepWork(dataFolder)
  }
}

/** Everything that cannot be made again. The master key is not among it: a closed one only opens with its passphrase. */
function sourcesOf(dataFolder: string, copy: string, hasLogs: boolean): Source[] {
  const sealedKey = join(dataFolder, sealedKeyName)
  return [
    { path: databaseName, file: copy },
    ...(existsSync(sealedKey) ? [{ path: sealedKeyName, file: sealedKey }] : []),
    ...(hasLogs ? sourcesBelow(join(dataFolder, 'logs'), 'logs') : []),
  ]
}

/** The copy and what is sealed lie there at the same time; what is sealed is never larger. */
function checkRoom({ dataFolder, db, hasLogs, room = () => roomOf(dataFolder) }: MakeOrder): void {
  const logs = hasLogs
    ? sourcesBelow(join(dataFolder, 'logs'), 'logs').reduce((sum, { file }) => sum + sizeOf(file), 0)
    : 0
  const needed = 2 * (sizeOf(db.file) + sizeOf(`${db.file}-wal`)) + logs + 16 * mebibyte
  const { free } = room()
  if (free >= needed) return
  throw fail('storage.full', {
    detail: `A backup needs ${Math.ceil(needed / mebibyte)} MiB in ${dataFolder}; ${Math.floor(free / mebibyte)} MiB are free.`,
  })
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

/** Names of the files in the folder of backups. */
export const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : [])
