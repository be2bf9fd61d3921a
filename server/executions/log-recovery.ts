import { ftruncateSync, openSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { indexLines, type Lines, linesFrom, loadChunk } from './log-chunks.ts'
import { type Chunk, listChunks } from './log-files.ts'
import { parseLine } from './log-lines.ts'

/** The chunk that is written to. */
export interface Current {
  readonly chunk: Chunk
  readonly handle: number
  size: number
  count: number
  marks: number[]
}

export interface Recovered {
  /** Chunks before the one to continue. */
  readonly closed: Chunk[]
  readonly current: Current | null
  readonly seq: number
  readonly lastFrame: number
  readonly totalBytes: number
}

/** What a new folder holds. */
export const nothingYet = (): Recovered => ({
  closed: [],
  current: null,
  seq: 0,
  lastFrame: 0,
  totalBytes: 0,
})

/** What is really on disk. A torn line at the end is cut off: its number is given out again. */
export async function recover(folder: string): Promise<Recovered> {
  const chunks = await listChunks(folder)
  const last = chunks.at(-1)
  let totalBytes = 0
  for (const { file } of chunks) totalBytes += (await stat(file)).size
  if (!last) return nothingYet()
  const lines = wholeLines(await loadChunk(last))
  const seq = last.first + lines.count - 1
  const lastFrame = await lastFrameOf(chunks, lines)
  if (last.packed) return { closed: chunks, current: null, seq, lastFrame, totalBytes }
  const handle = openSync(last.file, 'r+')
  ftruncateSync(handle, lines.bytes.length)
  const current = {
    chunk: last,
    handle,
    size: lines.bytes.length,
    count: lines.count,
    marks: [...lines.marks],
  }
  return { closed: chunks.slice(0, -1), current, seq, lastFrame, totalBytes }
}

/** The lines up to the first that is not what was written: after a power cut even zeros may stand there. */
function wholeLines(lines: Lines): Lines {
  let expected = lines.first
  let end = 0
  for (const line of linesFrom(lines, lines.first)) {
    if (parseLine(line)?.entry.seq !== expected) break
    expected++
    end += Buffer.byteLength(line) + 1
  }
  return indexLines(lines.first, lines.bytes.subarray(0, end))
}

async function lastFrameOf(chunks: readonly Chunk[], lastLines: Lines): Promise<number> {
  for (let index = chunks.length - 1; index >= 0; index--) {
    const chunk = chunks[index]
    if (!chunk) break
    const lines = chunk === chunks.at(-1) ? lastLines : await loadChunk(chunk)
    let greatest = 0
    for (const line of linesFrom(lines, lines.first)) greatest = Math.max(greatest, parseLine(line)?.q ?? 0)
    if (greatest > 0) return greatest
  }
  return 0
}
