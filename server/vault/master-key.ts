import { execFile } from 'node:child_process'
import { createHash, hkdfSync, randomBytes } from 'node:crypto'
import { chmod, link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { fail } from '../lib/errors.ts'
import { splitWords } from './words.ts'

/** What a key of its own is derived for. One that leaks tells nothing about the others. */
export type Purpose = 'creds' | 'audit-mac' | 'tokens' | 'totp' | 'webhook' | 'backup-wrap'

/** The one key above all others. It never leaves this object. */
export interface MasterKey {
  /** Four hex digits to tell keys apart by; says nothing about the key. */
  readonly id: string
  readonly source: 'file' | 'command' | 'generated'
  /** 32 bytes, always the same for one purpose. */
  purposeKey(purpose: Purpose): Buffer
}

interface MasterKeySources {
  /** `MASTER_KEY_FILE`. */
  readonly file: string | null
  /** `MASTER_KEY_COMMAND`. */
  readonly command: string | null
  /** Where the generated key lies when neither is set. */
  readonly dataFolder: string
  /** The id of the key that the database was encrypted with; null for a fresh one. See `sealedWith`. */
  readonly expectedId: string | null
}

const keyBytes = 32
/** A command that asks a person or a network for the key may take so long, milliseconds. */
const commandTimeoutMs = 60_000

/**
 * Reads the master key from the first source that is set: file, command, or the generated one in the data folder,
 * which is made when the database is fresh. Throws `vault.key_unusable`; another source is never tried instead, and
 * a key that is lost is never replaced.
 */
export async function loadMasterKey({
  file,
  command,
  dataFolder,
  expectedId,
}: MasterKeySources): Promise<MasterKey> {
  if (file !== null) return createMasterKey(decode(await readKeyFile(file), file), 'file')
  if (command !== null)
    return createMasterKey(decode(await runCommand(command), 'MASTER_KEY_COMMAND'), 'command')
  const own = join(dataFolder, 'keys', 'master.key')
  const text = await readFile(own, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return null
    throw unusable(`${own} cannot be read`, error)
  })
  if (text !== null) return createMasterKey(decode(text, own), 'generated')
  if (expectedId !== null)
    throw unusable(`${own} is missing; the database was encrypted with the key ${expectedId}`)
  return createMasterKey(await generate(own), 'generated')
}

/** Wraps 32 bytes as a master key. */
export function createMasterKey(key: Buffer, source: MasterKey['source']): MasterKey {
  if (key.length !== keyBytes) throw unusable('a master key has 32 bytes')
  return {
    id: createHash('sha256').update(key).digest('hex').slice(0, 4),
    source,
    purposeKey: (purpose) => Buffer.from(hkdfSync('sha256', key, '', `carl:v1:${purpose}`, keyBytes)),
  }
}

/** Reads 32 bytes from hex or base64, however it is padded. Errors name the source and never the content. */
function decode(text: string, source: string): Buffer {
  const trimmed = text.trim()
  const isHex = /^[0-9a-f]{64}$/i.test(trimmed)
  const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)
  if (!isHex && !isBase64) throw unusable(`${source} does not hold 32 bytes in base64 or hex`)
  const key = Buffer.from(trimmed, isHex ? 'hex' : 'base64')
  // 32 random bytes have about 30 different values; a placeholder has a few.
  if (new Set(key).size < 12) throw unusable(`${source} holds a key that is not random`)
  return key
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

/** Writes a new key so that it is there whole or not at all, and never over another one. */
async function generate(file: string): Promise<Buffer> {
  const key = randomBytes(keyBytes)
  const folder = dirname(file)
  const fresh = `${file}.new`
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, 0o700)
    await rm(fresh, { force: true })
    const handle = await open(fresh, 'wx', 0o600)
    try {
      await handle.writeFile(`${key.toString('base64')}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    // Unlike a rename, a link fails when somebody else has made a key meanwhile.
    await link(fresh, file)
    await rm(fresh)
    await syncFolder(folder)
    await syncFolder(dirname(folder))
    return key
  } catch (error) {
    throw unusable(`${file} cannot be written`, error)
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const unusable = (why: string, cause?: unknown) => fail('vault.key_unusable', { detail: `${why}.`, cause })

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'
