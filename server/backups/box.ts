import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import * as z from 'zod'
import { fail } from '../lib/errors.ts'

/**
 * A backup on the disk: magic ‖ length of the header (4) ‖ header (JSON) ‖ chunks. Each chunk is 1 MiB of content under
 * AES-256-GCM with its tag; the last may be shorter. The key is of this one file, derived from the backup key of the
 * master key and a random salt, so the nonce can simply count: 7 zero bytes ‖ number (4) ‖ 1 for the last chunk. Every
 * chunk authenticates the header. So a file that is cut, reordered, mixed with another or changed anywhere does not open.
 */
const magic = Buffer.from('CARLBAK1')
const tagBytes = 16
const chunkBytes = 1_048_576
const longestHeader = 65_536

const header = z.strictObject({
  version: z.literal(1),
  createdAt: z.iso.datetime({ precision: 3 }),
  kind: z.enum(['nightly', 'manual']),
  appVersion: z.string().max(100),
  /** Four hex digits of the master key that opens it. */
  keyId: z.string().regex(/^[0-9a-f]{4}$/),
  instanceId: z.string().max(100),
  hasLogs: z.boolean(),
  /** Rows of all tables. */
  rows: z.number().int().min(0),
  salt: z.base64(),
})
/** What a backup says about itself without being opened. It is authenticated when it is opened. */
export type BackupHeader = z.infer<typeof header>

/** The key that backups are wrapped with, and the id of the master key it comes from. */
export interface BackupKey {
  readonly id: string
  readonly key: Buffer
}

/** Encrypts a stream as the content of one backup, header first. */
export async function* sealBackup(
  content: AsyncIterable<Buffer>,
  facts: Omit<BackupHeader, 'version' | 'salt' | 'keyId'>,
  key: BackupKey,
): AsyncGenerator<Buffer> {
  const whole: BackupHeader = {
    version: 1,
    ...facts,
    keyId: key.id,
    salt: randomBytes(32).toString('base64'),
  }
  const head = Buffer.from(JSON.stringify(whole))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(head.length)
  const front = Buffer.concat([magic, length, head])
  yield front
  const seal = sealing(fileKey(key, whole), front)
  let at = 0
  for await (const { chunk, isLast } of inChunks(content, chunkBytes)) yield seal(chunk, at++, isLast)
}

/** Reads the header alone. Throws `restore.not_a_backup`. */
export async function readHeader(file: AsyncIterable<Buffer>): Promise<BackupHeader> {
  const reader = byteReader(file)
  try {
    return (await takeHeader(reader)).header
  } finally {
    await reader.done()
  }
}

/** Decrypts a backup. Throws `restore.not_a_backup`, `restore.wrong_key` and `restore.damaged`. */
export async function* openBackup(file: AsyncIterable<Buffer>, key: BackupKey): AsyncGenerator<Buffer> {
  const reader = byteReader(file)
  try {
    const { header: facts, front } = await takeHeader(reader)
    if (facts.keyId !== key.id) {
      throw fail('restore.wrong_key', {
        detail: `It was made with the key ${facts.keyId}; the given key is ${key.id}.`,
      })
    }
    const open = opening(fileKey(key, facts), front)
    let at = 0
    for await (const { chunk, isLast } of inChunks(reader.rest(), chunkBytes + tagBytes)) {
      yield open(chunk, at++, isLast)
    }
  } finally {
    await reader.done()
  }
}

interface Front {
  readonly header: BackupHeader
  readonly front: Buffer
}

async function takeHeader(reader: ByteReader): Promise<Front> {
  const start = await reader.take(magic.length + 4)
  if (!start?.subarray(0, magic.length).equals(magic)) throw fail('restore.not_a_backup')
  const length = start.readUInt32BE(magic.length)
  const text = length > longestHeader ? null : await reader.take(length)
  if (!text) throw fail('restore.damaged', { detail: 'It ends within its first lines.' })
  try {
    return { header: header.parse(JSON.parse(text.toString('utf8'))), front: Buffer.concat([start, text]) }
  } catch (error) {
    throw fail('restore.damaged', { detail: 'Its first lines cannot be read.', cause: error })
  }
}

const fileKey = ({ key }: BackupKey, { salt }: BackupHeader): Buffer =>
  Buffer.from(hkdfSync('sha256', key, Buffer.from(salt, 'base64'), 'carl:v1:backup', 32))

const nonceOf = (at: number, isLast: boolean): Buffer => {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(at, 7)
  nonce[11] = isLast ? 1 : 0
  return nonce
}

const digest = (front: Buffer): Buffer => createHash('sha256').update(front).digest()

function sealing(key: Buffer, front: Buffer) {
  const aad = digest(front)
  return (chunk: Buffer, at: number, isLast: boolean): Buffer => {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(at, isLast)).setAAD(aad)
    return Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()])
  }
}

function opening(key: Buffer, front: Buffer) {
  const aad = digest(front)
  const whole = (chunk: Buffer, at: number, isLast: boolean): Buffer | null => {
    if (chunk.length < tagBytes) return null
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(at, isLast), { authTagLength: tagBytes })
    decipher.setAAD(aad).setAuthTag(chunk.subarray(-tagBytes))
    try {
      return Buffer.concat([decipher.update(chunk.subarray(0, -tagBytes)), decipher.final()])
    } catch {
      return null
    }
  }
  return (chunk: Buffer, at: number, isLast: boolean): Buffer => {
    const content = whole(chunk, at, isLast)
    if (content) return content
    // What opens as one in the middle was the last of a file that went on.
    const isCut = isLast && whole(chunk, at, false) !== null
    const where = `after ${at} MiB`
    throw fail('restore.damaged', {
      detail: isCut ? `It ends too early, ${where}.` : `It was changed or cut ${where}.`,
    })
  }
}

/** Cuts a stream into chunks of one size; the last may be shorter, and is empty when nothing came. */
async function* inChunks(
  content: AsyncIterable<Buffer>,
  size: number,
): AsyncGenerator<{ chunk: Buffer; isLast: boolean }> {
  let parts: Buffer[] = []
  let held = 0
  for await (const part of content) {
    parts.push(part)
    held += part.length
    if (held <= size) continue
    let all = Buffer.concat(parts)
    // One more byte than a chunk says that this is not the last.
    while (all.length > size) {
      yield { chunk: all.subarray(0, size), isLast: false }
      all = all.subarray(size)
    }
    parts = [all]
    held = all.length
  }
  yield { chunk: Buffer.concat(parts), isLast: true }
}

interface ByteReader {
  take(bytes: number): Promise<Buffer | null>
  rest(): AsyncGenerator<Buffer>
  done(): Promise<void>
}

function byteReader(source: AsyncIterable<Buffer>): ByteReader {
  const iterator = source[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)

  async function take(bytes: number): Promise<Buffer | null> {
    while (held.length < bytes) {
      const { value, done } = await iterator.next()
      if (done) return null
      held = Buffer.concat([held, value])
    }
    const taken = held.subarray(0, bytes)
    held = held.subarray(bytes)
    return taken
  }

  async function* rest(): AsyncGenerator<Buffer> {
    if (held.length > 0) yield held
    for (;;) {
      const { value, done } = await iterator.next()
      if (done) return
      yield value
    }
  }

  return { take, rest, done: async () => void (await iterator.return?.()) }
}
