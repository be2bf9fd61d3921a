import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, readdirSync } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { createGunzip, createGzip } from 'node:zlib'
import * as z from 'zod'
import { fail, isAppError, toMessage } from '../lib/errors.ts'
import { storageCodeOf } from '../db/dialects.ts'
import { type BackupHeader, type BackupKey, openBackup, sealBackup } from './box.ts'
import { readTar, tarEnd, tarHead, tarPadding } from './tar.ts'

const fileFacts = z.strictObject({
  path: z.string(),
  bytes: z.number().int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})

/** What a backup holds: its last file, to which all others are compared. */
export const manifest = z.strictObject({
  version: z.literal(1),
  createdAt: z.string(),
  appVersion: z.string(),
  keyId: z.string(),
  instanceId: z.string(),
  /** Rows of each table. */
  rows: z.record(z.string(), z.number().int().min(0)),
  migrations: z.array(z.string()),
  auditHead: z.strictObject({ seq: z.number(), hash: z.string() }).nullable(),
  files: z.array(fileFacts),
})
export type Manifest = z.infer<typeof manifest>

const manifestName = 'manifest.json'
export const databaseName = 'core.db'
export const sealedKeyName = 'keys/passphrase.json'

/** A file that goes into a backup, under the path it has there. */
export interface Source {
  readonly path: string
  readonly file: string
  /** It may be gone by the time its turn comes: logs are packed and removed while the server runs. */
  readonly mayBeGone?: boolean
}

/** Hears how many bytes of the sources have gone through. */
export type Heard = (bytes: number) => void

interface PackOrder {
  readonly sources: readonly Source[]
  readonly facts: Omit<Manifest, 'version' | 'files'>
  readonly header: Omit<BackupHeader, 'version' | 'salt' | 'keyId'>
  readonly key: BackupKey
  readonly target: string
  readonly onBytes: Heard
  readonly signal: AbortSignal
}

/** Packs, compresses and encrypts files into one backup file, which is on the disk when this resolves. */
export async function packBackup(order: PackOrder): Promise<Manifest> {
  const { target, key, header, signal } = order
  const written: Manifest = { version: 1, ...order.facts, files: [] }
  await pipeline(
    Readable.from(pack(order, written)),
    createGzip({ level: 6 }),
    (content: AsyncIterable<Buffer>) => sealBackup(content, header, key),
    createWriteStream(target, { flags: 'wx', mode: 0o600, flush: true }),
    { signal },
  ).catch((error: unknown) => {
    throw signal.aborted ? signal.reason : asStorage(error, target)
  })
  return written
}

async function* pack({ sources, facts, onBytes }: PackOrder, written: Manifest): AsyncGenerator<Buffer> {
  const at = new Date(facts.createdAt)
  for (const { path, file, mayBeGone = false } of sources) {
    const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
      if (mayBeGone && error.code === 'ENOENT') return null
      throw error
    })
    if (!handle) continue
    try {
      const { size } = await handle.stat()
      yield tarHead({ path, bytes: size, at })
      const hash = createHash('sha256')
      // What is appended meanwhile belongs to the next backup.
      const content =
        size === 0 ? [] : handle.createReadStream({ end: size - 1, autoClose: false, highWaterMark: 262_144 })
      let bytes = 0
      for await (const chunk of content as AsyncIterable<Buffer>) {
        hash.update(chunk)
        bytes += chunk.length
        onBytes(chunk.length)
        yield chunk
      }
      if (bytes !== size) throw new Error(`${file} became shorter while it was read`)
      yield tarPadding(size)
      written.files.push({ path, bytes: size, sha256: hash.digest('hex') })
    } finally {
      await handle.close()
    }
  }
  const text = Buffer.from(JSON.stringify(written))
  yield tarHead({ path: manifestName, bytes: text.length, at })
  yield text
  yield tarPadding(text.length)
  yield tarEnd
}

interface UnpackOrder {
  readonly file: string
  readonly key: BackupKey
  /** Where the files go; null to go through all of it and keep nothing. */
  readonly folder: string | null
  readonly onBytes?: Heard
  readonly signal?: AbortSignal
}

/**
 * Opens a backup, holds every file against the manifest, and writes them where a folder is given. Throws
 * `restore.not_a_backup`, `restore.wrong_key`, `restore.damaged` and `storage.full`.
 */
export async function unpackBackup({ file, key, folder, onBytes, signal }: UnpackOrder): Promise<Manifest> {
  try {
    const input = createReadStream(file, { highWaterMark: 262_144, ...(signal && { signal }) })
    const plain = Readable.from(openBackup(input, key))
    const gunzip = createGunzip()
    const flowing = pipeline(plain, gunzip)
    // Told below, by whoever reads.
    flowing.catch(() => {})
    const found = await unpackAll(gunzip, folder, onBytes)
    await flowing
    return found
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (isAppError(error)) throw error
    const isGzip = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
    throw isGzip
      ? fail('restore.damaged', { detail: 'What is in it cannot be unpacked.', cause: error })
      : asStorage(error, folder ?? file)
  }
}

async function unpackAll(
  content: AsyncIterable<Buffer>,
  folder: string | null,
  onBytes?: Heard,
): Promise<Manifest> {
  const seen: Manifest['files'] = []
  let told: Manifest | null = null
  for await (const entry of readTar(content)) {
    if (entry.path === manifestName) {
      const parts: Buffer[] = []
      for await (const part of entry.content()) parts.push(part)
      told = parseManifest(Buffer.concat(parts).toString('utf8'))
      continue
    }
    const hash = createHash('sha256')
    async function* hashed(): AsyncGenerator<Buffer> {
      for await (const part of entry.content()) {
        hash.update(part)
        onBytes?.(part.length)
        yield part
      }
    }
    if (folder === null) for await (const _ of hashed());
    else await writeTo(join(folder, entry.path), hashed())
    seen.push({ path: entry.path, bytes: entry.bytes, sha256: hash.digest('hex') })
  }
  if (!told) throw fail('restore.damaged', { detail: 'It holds no manifest.' })
  if (JSON.stringify(told.files) !== JSON.stringify(seen)) {
    throw fail('restore.damaged', { detail: 'Its files are not those of its manifest.' })
  }
  return told
}

function parseManifest(text: string): Manifest {
  try {
    return manifest.parse(JSON.parse(text))
  } catch (error) {
    throw fail('restore.damaged', { detail: 'Its manifest cannot be read.', cause: error })
  }
}

async function writeTo(file: string, content: AsyncIterable<Buffer>): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await pipeline(content, createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true }))
}

/** Every file below a folder, as sources; an absent folder has none. */
export function sourcesBelow(folder: string, under: string): Source[] {
  let entries: { parentPath: string; name: string; isFile(): boolean }[]
  try {
    entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  } catch {
    return []
  }
  return entries
    .filter((entry) => entry.isFile() && /^[A-Za-z0-9._-]+$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
    .map((file) => ({ path: `${under}/${relative(folder, file)}`, file, mayBeGone: true }))
}

function asStorage(error: unknown, where: string): unknown {
  if (isAppError(error)) return error
  const code = storageCodeOf(error)
  return code ? fail(code, { detail: `${where}: ${toMessage(error)}.`, cause: error }) : error
}
