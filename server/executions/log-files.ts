import { closeSync, fsync, openSync, renameSync, writeFileSync } from 'node:fs'
import { open, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { executionId, type ExecutionId } from '../../contract/ids.ts'

/**
 * How a log lies on disk: `<root>/2026-03/exe_…/000002-000041233.ndjson` is the second chunk, and its first entry
 * has the number 41233. A chunk ends in `.gz` once the log has ended, and then `end.json` is there too.
 */
export interface Chunk {
  readonly file: string
  readonly number: number
  /** Number of its first entry. */
  readonly first: number
  readonly packed: boolean
}

/** What is known of a log that has ended. */
export interface LogEnd {
  readonly lastSeq: number
  readonly endedAt: string
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** When an execution was made; its id carries the moment. */
export function madeAt(id: ExecutionId): Date {
  let ms = 0
  for (const letter of id.slice(4, 14)) ms = ms * 32 + alphabet.indexOf(letter)
  return new Date(ms)
}

/** The folder of a log. Anything but a well-formed id throws, so no text can lead out of the root. */
export function folderOf(root: string, id: ExecutionId): string {
  const checked = executionId.parse(id)
  return join(root, madeAt(checked).toISOString().slice(0, 7), checked)
}

export function chunkFile(folder: string, number: number, first: number): string {
  return join(folder, `${String(number).padStart(6, '0')}-${String(first).padStart(9, '0')}.ndjson`)
}

/** The chunks of a log in order; none for a log that does not exist. */
export async function listChunks(folder: string): Promise<Chunk[]> {
  const chunks = new Map<number, Chunk>()
  for (const name of (await namesIn(folder)).toSorted()) {
    const match = /^(\d{6})-(\d{9,})\.ndjson(\.gz)?$/.exec(name)
    if (!match) continue
    const number = Number(match[1])
    // After a crash both may be there; the packed one was complete before it got its name, and sorts last.
    chunks.set(number, {
      file: join(folder, name),
      number,
      first: Number(match[2]),
      packed: match[3] !== undefined,
    })
  }
  return [...chunks.values()]
}

export async function readEnd(folder: string): Promise<LogEnd | null> {
  try {
    return JSON.parse(await readFile(join(folder, 'end.json'), 'utf8')) as LogEnd
  } catch {
    return null
  }
}

export async function writeEnd(folder: string, end: LogEnd): Promise<void> {
  await writeDurably(join(folder, 'end.json'), Buffer.from(JSON.stringify(end)))
}

export const endFile = (folder: string): string => join(folder, 'end.json')

const sync = promisify(fsync)

/**
 * Writes a small file so that after a crash it is there whole or not at all. Only the sync leaves the thread: the rest
 * takes microseconds, and to hand it over and wait takes longer, above all while many runs end at once.
 */
export async function writeDurably(file: string, bytes: Buffer): Promise<void> {
  const fresh = `${file}.new`
  const handle = openSync(fresh, 'w', 0o600)
  try {
    writeFileSync(handle, bytes)
    await sync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(fresh, file)
}

/** The same for a file of any size, piece by piece. */
export async function streamDurably(file: string, pieces: AsyncIterable<Buffer>): Promise<void> {
  const fresh = `${file}.new`
  const handle = await open(fresh, 'w', 0o600)
  try {
    await handle.writeFile(pieces)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(fresh, file)
}

/** Makes the names in a folder durable, as fsync of a file does for its content. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = openSync(folder, 'r')
  try {
    await sync(handle)
  } finally {
    closeSync(handle)
  }
}

export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'
