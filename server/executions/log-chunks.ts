import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Chunk } from './log-files.ts'

/** Every so many lines their place is remembered: finding one then takes a look at this many at most. */
export const stride = 64

/** Chunks kept in memory after reading: 16 MiB together. */
const chunksKept = 4

/** The lines of one chunk, with places to jump to. */
export interface Lines {
  readonly first: number
  readonly count: number
  readonly bytes: Buffer
  /** Where line 0, 64, 128, … begin. */
  readonly marks: readonly number[]
}

/** Finds the line ends in a chunk. What follows the last one was torn by a crash, or is still being written. */
export function indexLines(first: number, bytes: Buffer): Lines {
  const marks: number[] = []
  let count = 0
  for (let start = 0; ; count++) {
    const end = bytes.indexOf(10, start)
    if (end < 0) return { first, count, bytes, marks }
    if (count % stride === 0) marks.push(start)
    start = end + 1
  }
}

/** The lines from a number on, as text. */
export function* linesFrom({ first, count, bytes, marks }: Lines, seq: number): Generator<string> {
  let line = Math.max(0, seq - first)
  if (line >= count) return
  let start = marks[Math.floor(line / stride)] ?? 0
  for (let skip = line % stride; skip > 0; skip--) start = bytes.indexOf(10, start) + 1
  for (; line < count; line++) {
    const end = bytes.indexOf(10, start)
    yield bytes.toString('utf8', start, end)
    start = end + 1
  }
}

/** The last of the chunks that begins at or before a number. */
export function chunkAt(chunks: readonly Chunk[], seq: number): number {
  let low = 0
  let high = chunks.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((chunks[middle]?.first ?? 0) <= seq) low = middle
    else high = middle - 1
  }
  return low
}

/** Reads chunks, and keeps the last few: people leaf through one place of a log. */
export function createChunkReader() {
  const kept = new Map<string, Lines>()

  /** Rejects with ENOENT when the chunk was packed or removed meanwhile. */
  async function load(chunk: Chunk): Promise<Lines> {
    const found = kept.get(chunk.file)
    if (found) {
      kept.delete(chunk.file)
      kept.set(chunk.file, found)
      return found
    }
    const lines = indexLines(chunk.first, await contentOf(chunk))
    // Only a packed chunk can no longer change.
    if (!chunk.packed) return lines
    kept.set(chunk.file, lines)
    for (const oldest of kept.keys()) {
      if (kept.size <= chunksKept) break
      kept.delete(oldest)
    }
    return lines
  }

  function forget(folder: string): void {
    for (const file of kept.keys()) if (file.startsWith(`${folder}/`)) kept.delete(file)
  }

  return { load, forget }
}
export type ChunkReader = ReturnType<typeof createChunkReader>

async function contentOf({ file, packed }: Chunk): Promise<Buffer> {
  const bytes = await readFile(file)
  return packed ? promisify(gunzip)(bytes) : bytes
}
