import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { fail } from '../../lib/errors.ts'
import { createMasterKey, decodeKey, keyBytes, type MasterKey, unusable } from '../master-key.ts'
import { splitWords } from '../words.ts'
import { createKeyFolder, type KeyFile, type KeyFolder, keyFileOf } from './folder.ts'
import { parseSealedKeys, readSealed, withoutEarlierKey } from './passphrase.ts'
import type { KeyState } from './store.ts'

export interface KeySources {
  /** `MASTER_KEY_FILE`. */
  readonly file: string | null
  /** `MASTER_KEY_COMMAND`. */
  readonly command: string | null
  /** Where the key lies when neither is set. */
  readonly dataFolder: string
  /** `MASTER_KEY_PASSPHRASE`: a fresh server waits for a passphrase instead of making a key file. */
  readonly startsSealed: boolean
}

/** The keys of a database: the one it was encrypted with, and the one it is being moved to, if any. */
export interface Keys {
  readonly current: MasterKey
  readonly next: MasterKey | null
}

/** A command that asks a person or a network for the key may take so long, milliseconds. */
const commandTimeoutMs = 60_000

/**
 * Reads the master key from the first source that is set: file, command, or the data folder, where one is made when the
 * database is fresh. Throws `vault.sealed` when a passphrase has to be given first: `opened` holds what it opened.
 * Throws `vault.key_unusable` and `vault.wrong_key`; another source is never tried instead, and a key that is lost is
 * never replaced.
 */
export async function loadKeys(
  sources: KeySources,
  state: KeyState,
  opened: readonly MasterKey[] = [],
): Promise<Keys> {
  if (sources.file !== null || sources.command !== null) return chooseKeys(await readGiven(sources), state)
  const folder = createKeyFolder(sources.dataFolder)
  const files = await folder.read()
  const plain = keyFileOf(sources.dataFolder, 'generated')
  if (files.length === 0) {
    if (state.keyId !== null)
      throw unusable(`${plain} is missing; the database was encrypted with the key ${state.keyId}`)
    if (sources.startsSealed) throw fail('vault.sealed', { detail: 'It has no passphrase yet.' })
    return { current: await generate(folder), next: null }
  }
  const known = [...files.flatMap(readPlain), ...opened]
  const sealedIds = files.flatMap(sealedIdsOf)
  const isClosed = neededIds(state, sealedIds).some(
    (id) => sealedIds.includes(id) && !known.some((key) => key.id === id),
  )
  if (isClosed) throw fail('vault.sealed')
  return chooseKeys(known, state, sealedIds)
}

/** Picks the keys that a database needs out of those there are. Throws `vault.wrong_key`, naming them. */
export function chooseKeys(
  known: readonly MasterKey[],
  { keyId, rotation }: KeyState,
  closedIds: readonly string[] = [],
): Keys {
  const find = (id: string): MasterKey => {
    const found = known.find((key) => key.id === id)
    if (found) return found
    const given = [...new Set([...known.map((key) => key.id), ...closedIds])].join(' and ')
    throw fail('vault.wrong_key', {
      detail: rotation
        ? `The key of this database is being changed from ${rotation.from} to ${rotation.to}, and both are needed; the given key is ${given}.`
        : `This database was encrypted with the key ${id}; the given key is ${given}.`,
    })
  }
  if (rotation) return { current: find(rotation.from), next: find(rotation.to) }
  if (keyId !== null) return { current: find(keyId), next: null }
  const [first] = known
  if (!first) throw unusable('no master key is given')
  return { current: first, next: null }
}

/** Reads the file or asks the command again: it may hold a second key by now. */
export async function readGiven({ file, command }: KeySources): Promise<MasterKey[]> {
  if (file !== null) return toKeys(await readKeyFile(file), file, 'file')
  if (command === null) return []
  return toKeys(await runCommand(command), 'MASTER_KEY_COMMAND', 'command')
}

/** What is left behind in the data folder when the server ended between the last word of the database and the files. */
export async function tidyKeyFolder(
  folder: KeyFolder,
  { current, next }: Keys,
  { retired }: KeyState,
): Promise<void> {
  if (next !== null || (current.source !== 'generated' && current.source !== 'passphrase')) return
  const files = await folder.read()
  const own = files.filter((file) => idsOf(file)[0] === current.id)
  const inUse = own.find(({ slot }) => slot === 'current')
  if (!inUse) {
    const [waiting] = own
    if (waiting) await folder.promote(waiting.form, settledText(waiting))
    return
  }
  const isOver = (file: KeyFile) => own.includes(file) || retired.includes(idsOf(file)[0] ?? '')
  if (files.some((file) => file !== inUse && isOver(file))) await folder.keepOnly(inUse.form)
}

/** The content of a key file once it is the one in use. */
export const settledText = ({ form, file, text }: KeyFile): string =>
  form === 'generated' ? text : withoutEarlierKey(parseSealedKeys(text, file))

/** The ids of the keys in a file, the one that counts first. */
export function idsOf(file: KeyFile): string[] {
  return file.form === 'generated' ? readPlain(file).map(({ id }) => id) : sealedIdsOf(file)
}

/** A new random key, and the text of the file it is kept in. */
export function newKey(source: 'generated' | 'passphrase'): MasterKey {
  return createMasterKey(randomBytes(keyBytes), source)
}
export const plainText = (key: MasterKey): string => `${key.reveal().reveal()}\n`

async function generate(folder: KeyFolder): Promise<MasterKey> {
  const key = newKey('generated')
  await folder.write('generated', 'current', plainText(key))
  return key
}

const neededIds = ({ keyId, rotation }: KeyState, sealedIds: readonly string[]): readonly string[] =>
  rotation ? [rotation.from, rotation.to] : keyId === null ? sealedIds.slice(0, 1) : [keyId]

function readPlain({ form, file, text }: KeyFile): MasterKey[] {
  return form === 'generated' ? [createMasterKey(decodeKey(text, file), 'generated')] : []
}

const sealedIdsOf = (file: KeyFile): string[] =>
  readSealed(file).flatMap(({ keys }) => keys.map(({ id }) => id))

/** One key, or two on lines of their own while it is being changed. */
function toKeys(text: string, origin: string, source: 'file' | 'command'): MasterKey[] {
  const lines = text.trim().split(/\s*\n\s*/)
  if (lines.length > 2) throw unusable(`${origin} holds more than two lines`)
  const keys = lines.map((line) => createMasterKey(decodeKey(line, origin), source))
  if (new Set(keys.map(({ id }) => id)).size < keys.length)
    throw unusable(`${origin} holds two keys that cannot be told apart; make another one`)
  return keys
}

async function readKeyFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw unusable(`${file} cannot be read`, error)
  }
}

/** Runs the command without a shell. What it prints, on either stream, stays out of errors and logs. */
async function runCommand(command: string): Promise<string> {
  const [program, ...words] = splitWords(command)
  if (program === undefined) throw unusable('MASTER_KEY_COMMAND is empty')
  try {
    const limits = { timeout: commandTimeoutMs, maxBuffer: 65_536 }
    return (await promisify(execFile)(program, words, limits)).stdout
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'a signal'
    throw unusable(`MASTER_KEY_COMMAND ended with ${code}`)
  }
}
