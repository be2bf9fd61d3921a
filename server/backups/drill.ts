import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { inspectDatabase } from '../db/inspect.ts'
import { fail } from '../lib/errors.ts'
import type { MasterKey } from '../vault/master-key.ts'
import { databaseName, unpackBackup } from './archive.ts'
import { toBackupKey, type StepHeard } from './make.ts'

interface DrillOrder {
  /** The backup, as it was fetched. */
  readonly file: string
  /** An empty place for what is unpacked. */
  readonly work: string
  readonly masterKey: MasterKey
  /** Says whether the master key opens what is sealed in that database. */
  readonly opensCheck: (text: string) => boolean
  readonly onStep: StepHeard
  readonly signal: AbortSignal
}

export interface Proved {
  readonly bytes: number
  readonly rows: number
}

/**
 * Restores a backup beside the running server and looks whether it would do: every page, the rows of every table against
 * the manifest, and that the master key opens what is sealed in it. Throws `restore.*`.
 */
export async function drillBackup({
  file,
  work,
  masterKey,
  opensCheck,
  onStep,
  signal,
}: DrillOrder): Promise<Proved> {
  const folder = join(work, 'restored')
  mkdirSync(folder, { mode: 0o700 })
  let bytes = 0
  const told = await unpackBackup({
    file,
    key: toBackupKey(masterKey),
    folder,
    onBytes: (more) => onStep('restoring', (bytes += more), 0),
    signal,
  })
  onStep('comparing', 0, 0)
  const inspected = await inspectDatabase(join(folder, databaseName), signal)
  if (inspected.damage !== null)
    throw fail('restore.damaged', { detail: `Its database: ${inspected.damage}.` })
  for (const [table, rows] of Object.entries(told.rows)) {
    if (inspected.rows[table] === rows) continue
    throw fail('restore.damaged', {
      detail: `Its table ${table} has ${inspected.rows[table] ?? 0} rows instead of ${rows}.`,
    })
  }
  if (inspected.keyCheck === null || !opensCheck(inspected.keyCheck)) {
    throw fail('restore.wrong_key', { detail: `The key ${masterKey.id} opens none of the secrets in it.` })
  }
  return { bytes, rows: Object.values(inspected.rows).reduce((sum, count) => sum + count, 0) }
}
