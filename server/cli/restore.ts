import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { keyFromKit } from '../backups/kit.ts'
import {
  applyRestore,
  asideOf,
  commitRestore,
  dropRestore,
  isDatabase,
  type Prepared,
  prepareRestore,
} from '../backups/restore.ts'
import type { Config } from '../config.ts'
import { isEmptyFile } from '../db/dialects.ts'
import { lockFolder } from '../db/lock.ts'
import { migrations } from '../db/migrations/index.ts'
import { keySourcesOf } from '../house.ts'
import { fail, toMessage } from '../lib/errors.ts'
import { keyFileOf } from '../vault/keys/folder.ts'
import { readGiven } from '../vault/keys/sources.ts'
import { createMasterKey, decodeKey, type MasterKey } from '../vault/master-key.ts'
import { version } from '../version.ts'
import { exitCodes } from './problem.ts'

export interface RestoreOptions {
  readonly kit?: string
  readonly replace: boolean
  readonly check: boolean
  readonly json: boolean
}

/** `carl restore FILE`: opens and checks it, then puts it in the place of what is in the data folder. */
export async function restore(given: string, options: RestoreOptions, config: Config): Promise<number> {
  const file = resolve(given)
  const { dataFolder } = config
  if (!existsSync(file)) throw fail('restore.not_a_backup', { detail: `${file} does not exist.` })
  const now = new Date()
  prepareFolder(dataFolder)
  // A server that runs holds it: then nothing is touched.
  const lock = lockFolder(dataFolder, { since: now, version })
  try {
    if (!options.check && !options.replace && !isEmptyFile(join(dataFolder, 'core.db'))) {
      throw fail('restore.data_there', { detail: `${dataFolder} holds a database.` })
    }
    const isSnapshot = await isDatabase(file)
    const { key, isKept } = isSnapshot ? { key: null, isKept: false } : await findKey(options, config)
    const prepared = await prepareRestore({
      dataFolder,
      file,
      source: given,
      key,
      keepsKey: isKept,
      known: Object.keys(migrations),
      appVersion: version,
      now,
    })
    if (options.check) dropRestore(dataFolder)
    else {
      const { createdAt, appVersion } = prepared.preview
      commitRestore(dataFolder, { at: now.toISOString(), source: given, createdAt, appVersion })
      applyRestore(dataFolder)
      lock.confirmClosed()
    }
    tell(prepared, options, asideOf(dataFolder, { at: now.toISOString() }))
    return exitCodes.ok
  } finally {
    lock.release()
  }
}

function prepareFolder(dataFolder: string): void {
  try {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw fail('storage.not_writable', { detail: `${dataFolder}: ${toMessage(error)}.`, cause: error })
  }
}

/** The kit that is given, else the key that the server would start with. It is written down only where no other source has it. */
async function findKey(
  { kit }: RestoreOptions,
  config: Config,
): Promise<{ key: MasterKey; isKept: boolean }> {
  const sources = keySourcesOf(config)
  const hasOther = sources.file !== null || sources.command !== null
  if (kit !== undefined) return { key: keyFromKit(await readKit(kit)), isKept: !hasOther }
  if (hasOther) {
    const [key] = await readGiven(sources)
    if (key) return { key, isKept: false }
  }
  const own = keyFileOf(config.dataFolder, 'generated')
  if (existsSync(own)) {
    return { key: createMasterKey(decodeKey(readFileSync(own, 'utf8'), own), 'generated'), isKept: true }
  }
  throw fail('restore.no_key', { detail: 'No kit is given, and there is no key in the data folder.' })
}

async function readKit(kit: string): Promise<string> {
  try {
    return kit === '-' ? await text(process.stdin) : readFileSync(kit, 'utf8')
  } catch (error) {
    throw fail('restore.no_key', { detail: `${kit}: ${toMessage(error)}.`, cause: error })
  }
}

function tell({ preview }: Prepared, { check, json }: RestoreOptions, aside: string): void {
  if (json) return void process.stdout.write(`${JSON.stringify({ ...preview, restored: !check })}\n`)
  const { createdAt, appVersion, nodes, executions, users, asksPassphrase } = preview
  const lines = [
    `Made ${createdAt} by version ${appVersion}: ${nodes} nodes, ${executions} executions, ${users} users. Whole.`,
    ...(check ? ['Nothing was changed.'] : ['Restored. Start it with: carl start']),
    ...(!check && existsSync(aside) ? [`What was there before lies in ${aside}.`] : []),
    ...(asksPassphrase ? ['It will ask for the passphrase that it had then.'] : []),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}
