import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { createTurns } from '../lib/turns.ts'
import { type Chunk, isMissing } from './log-files.ts'

/** Every so many lines their place is remembered: finding one then takes a look at this many at most. */
export const stride = 64

/** Chunks kept in memory after reading: some 9 MiB together. */
const chunksKept = 2
/** What a chunk of the usual size needs: it is closed by the batch of entries that fills it. */
const usualRoomBytes = 4_608 * 1_024
/** How much is read and unpacked at a time. */
const pieceBytes = 65_536

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

/**
 * Reads chunks, one at a time, and keeps the last few: people leaf through one place of a log. It fills the same
 * memory again and again, for a log of a gigabyte would otherwise leave that much for the garbage collector.
 */
export function createChunkReader() {
  const inTurn = createTurns('reading a chunk')
  /** The one used last comes first. */
  const places: Place[] = []

  /**
   * Lends the lines of a chunk to `look`: they are valid for this one call. Rejects with ENOENT when the chunk was
   * packed just now, or removed.
   */
  function use<Result>(chunk: Chunk, look: (lines: Lines) => Result): Promise<Result> {
    return inTurn(async () => look(await linesOf(chunk)))
  }

  async function linesOf(wanted: Chunk): Promise<Lines> {
    const { chunk, size, mtimeMs } = await find(wanted)
    // A chunk that is not packed may be cut and continued after a crash; then it is another content.
    const content = `${chunk.file} ${size} ${mtimeMs}`
    const found = places.findIndex((place) => place.content === content)
    const [place = new Place()] = places.splice(found < 0 ? chunksKept - 1 : found, 1)
    places.unshift(place)
    return place.content === content ? place.lines : place.fill(chunk, content)
  }

  function forget(folder: string): void {
    for (const place of places) if (place.content?.startsWith(`${folder}/`)) place.clear()
  }

  return { use, forget }
}
export type ChunkReader = ReturnType<typeof createChunkReader>

const nothing: Lines = { first: 0, count: 0, bytes: Buffer.alloc(0), marks: [] }

/** Memory for the content of one chunk. */
class Place {
  /** What lies here; null while that is not certain. */
  content: string | null = null
  lines: Lines = nothing
  #bytes = Buffer.alloc(0)

  async fill(chunk: Chunk, content: string): Promise<Lines> {
    this.clear()
    let length = 0
    for await (const piece of piecesOf(chunk)) {
      this.#makeRoom(length, length + piece.length)
      length += piece.copy(this.#bytes, length)
    }
    this.content = content
    this.lines = indexLines(chunk.first, this.#bytes.subarray(0, length))
    return this.lines
  }

  clear(): void {
    this.content = null
    this.lines = nothing
  }

  #makeRoom(used: number, wanted: number): void {
    if (wanted <= this.#bytes.length) return
    const roomier = Buffer.allocUnsafeSlow(Math.max(wanted, usualRoomBytes, used * 2))
    this.#bytes.copy(roomier, 0, 0, used)
    this.#bytes = roomier
  }
}

/** Where a chunk lies now: it may have been packed since somebody looked. */
async function find(chunk: Chunk): Promise<{ chunk: Chunk; size: number; mtimeMs: number }> {
  try {
    const { size, mtimeMs } = await stat(chunk.file)
    return { chunk, size, mtimeMs }
  } catch (error) {
    if (chunk.packed || !isMissing(error)) throw error
    return find({ ...chunk, file: `${chunk.file}.gz`, packed: true })
  }
}

/** The content of a chunk in small pieces, unpacked. */
function piecesOf({ file, packed }: Chunk): AsyncIterable<Buffer> {
  const stored = createReadStream(file, { highWaterMark: pieceBytes })
  return packed ? stored.compose(createGunzip({ chunkSize: pieceBytes })) : stored
}

/** All lines of a chunk in memory of their own. */
export async function loadChunk(chunk: Chunk): Promise<Lines> {
  const pieces: Buffer[] = []
  for await (const piece of piecesOf(chunk)) pieces.push(piece)
  return indexLines(chunk.first, Buffer.concat(pieces))
}
