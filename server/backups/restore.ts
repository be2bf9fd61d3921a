import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import type { RestorePreview } from '../../contract/own-backups.ts'
import { syncFile } from '../db/copy.ts'
import { type Inspected, inspectDatabase } from '../db/inspect.ts'
import { fail } from '../lib/errors.ts'
import { type MasterKey } from '../vault/master-key.ts'
import { databaseName, sealedKeyName, unpackBackup } from './archive.ts'

/**
 * A restore in two steps. First everything is unpacked into `restore/` of the data folder and checked there, while nothing
 * else is touched; a file `ready` says that all of it is there. Then it takes the place of what was before, which is moved
 * aside and not removed. Each move is one rename, and what was begun is finished at the next start, wherever it stopped.
 */
const folderName = 'restore'
const readyName = 'ready.json'
/** Left for the start after a restore, which writes it into the audit trail. */
const noteName = 'restored.json'

const ready = z.object({
  /** When it was asked for: names the folder that takes what was before. */
  at: z.string(),
  /** What was restored, by name. */
  source: z.string(),
  createdAt: z.string().nullable(),
  appVersion: z.string().nullable(),
})
export type Restored = z.infer<typeof ready>

/** What belongs to a database, in the order in which it makes way; the database itself is last of those that come. */
const leaving = ['audit-checkpoints.jsonl', `${databaseName}-wal`, `${databaseName}-shm`] as const
const coming = ['keys', 'logs', databaseName] as const

export interface Prepared {
  readonly preview: RestorePreview
  readonly inspected: Inspected
}

interface PrepareOrder {
  readonly dataFolder: string
  readonly file: string
  readonly source: string
  /** Null for a snapshot, which the key in the data folder opens as before. */
  readonly key: MasterKey | null
  /** Whether the key is written into the data folder; not where it comes from elsewhere. */
  readonly keepsKey: boolean
  /** Migrations this version knows. */
  readonly known: readonly string[]
  readonly appVersion: string
  readonly now: Date
  readonly signal?: AbortSignal
}

/**
 * Unpacks and checks what is to be restored. Throws `restore.*`, `storage.newer_schema` and `storage.full`, and leaves
 * nothing behind then.
 */
export async function prepareRestore(order: PrepareOrder): Promise<Prepared> {
  const { dataFolder, file, key, now } = order
  const folder = join(dataFolder, folderName)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    return await (key ? unpack(order, key, folder) : takeSnapshot(order, folder, file, now))
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

async function unpack(order: PrepareOrder, key: MasterKey, folder: string): Promise<Prepared> {
  const { file, keepsKey, signal } = order
  const told = await unpackBackup({
    file,
    key: { id: key.id, key: key.purposeKey('backup-wrap') },
    folder,
    ...(signal && { signal }),
  })
  const inspected = await inspect(join(folder, databaseName), order)
  if (JSON.stringify(inspected.rows) !== JSON.stringify(told.rows)) {
    throw fail('restore.damaged', { detail: 'Its tables do not have the rows that its manifest names.' })
  }
  const asksPassphrase = existsSync(join(folder, sealedKeyName))
  if (keepsKey && !asksPassphrase) {
    mkdirSync(join(folder, 'keys'), { recursive: true, mode: 0o700 })
    writeFileSync(join(folder, 'keys/master.key'), `${key.reveal().reveal()}\n`, { mode: 0o600, flush: true })
  }
  const { rows } = inspected
  const preview: RestorePreview = {
    createdAt: told.createdAt,
    appVersion: told.appVersion,
    keyId: told.keyId,
    nodes: rows.node ?? 0,
    executions: rows.execution ?? 0,
    users: rows.user ?? 0,
    hasLogs: told.files.some(({ path }) => path.startsWith('logs/')),
    asksPassphrase,
  }
  return { preview, inspected }
}

/** A copy of the database alone, as it is kept before an upgrade. */
async function takeSnapshot(order: PrepareOrder, folder: string, file: string, now: Date): Promise<Prepared> {
  const copy = join(folder, databaseName)
  copyFileSync(file, copy)
  syncFile(copy)
  const inspected = await inspect(copy, order)
  const { rows, appVersion } = inspected
  const preview: RestorePreview = {
    createdAt: now.toISOString(),
    appVersion: appVersion ?? 'unknown',
    keyId: '',
    nodes: rows.node ?? 0,
    executions: rows.execution ?? 0,
    users: rows.user ?? 0,
    hasLogs: false,
    asksPassphrase: false,
  }
  return { preview, inspected }
}

async function inspect(file: string, { known, appVersion, signal }: PrepareOrder): Promise<Inspected> {
  const inspected = await inspectDatabase(file, signal)
  if (inspected.damage !== null)
    throw fail('restore.damaged', { detail: `Its database is damaged: ${inspected.damage}.` })
  const foreign = inspected.migrations.filter((name) => !known.includes(name))
  if (foreign.length > 0) {
    throw fail('storage.newer_schema', {
      detail: `The backup is of version ${inspected.appVersion ?? 'unknown'} and has ${foreign.join(', ')}; this is version ${appVersion}.`,
    })
  }
  return inspected
}

/** Says that what was prepared is to take its place; from here on it will, whatever happens. */
export function commitRestore(dataFolder: string, restored: Restored): void {
  const folder = join(dataFolder, folderName)
  writeWhole(join(folder, readyName), JSON.stringify(restored))
  syncFile(folder)
}

/** Forgets what was prepared. */
export const dropRestore = (dataFolder: string): void =>
  rmSync(join(dataFolder, folderName), { recursive: true, force: true })

/** Where what was before lies after a restore. */
export const asideOf = (dataFolder: string, { at }: Pick<Restored, 'at'>): string =>
  join(dataFolder, `before-restore-${at.replace(/[-:.]/g, '')}`)

/**
 * Puts what is ready in its place, or removes what never became ready. Only for whoever holds the lock of the folder, with
 * the database closed. Safe to be ended at any step: the next call goes on. `onStep` hears of each; a test ends there.
 */
export function applyRestore(dataFolder: string, onStep: (step: string) => void = () => {}): Restored | null {
  const folder = join(dataFolder, folderName)
  const restored = readReady(join(folder, readyName))
  if (!restored) {
    rmSync(folder, { recursive: true, force: true })
    return null
  }
  const aside = asideOf(dataFolder, restored)
  const move = (from: string, to: string, step: string) => {
    if (!existsSync(from)) return
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
    renameSync(from, to)
    onStep(step)
  }
  // The new database comes last: while it waits, what lies in the data folder is of the old one.
  if (existsSync(join(folder, databaseName))) {
    for (const name of leaving) move(join(dataFolder, name), join(aside, name), `${name} aside`)
  }
  for (const name of coming) {
    const waiting = join(folder, name)
    if (!existsSync(waiting)) continue
    if (!existsSync(join(aside, name))) move(join(dataFolder, name), join(aside, name), `${name} aside`)
    move(waiting, join(dataFolder, name), `${name} in place`)
  }
  syncFile(dataFolder)
  writeWhole(join(dataFolder, noteName), JSON.stringify(restored))
  onStep('noted')
  rmSync(folder, { recursive: true, force: true })
  syncFile(dataFolder)
  onStep('done')
  return restored
}

/** What was restored before this start; forget it once it stands in the audit trail. */
export const readRestored = (dataFolder: string): Restored | null => readReady(join(dataFolder, noteName))
export const forgetRestored = (dataFolder: string): void =>
  rmSync(join(dataFolder, noteName), { force: true })

function readReady(file: string): Restored | null {
  try {
    return ready.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
}

/** Whether a file is a database, such as a snapshot from before an upgrade, and no backup. */
export async function isDatabase(file: string): Promise<boolean> {
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0)
    return bytesRead === 16 && buffer.toString('latin1') === 'SQLite format 3\0'
  } finally {
    await handle.close()
  }
}
