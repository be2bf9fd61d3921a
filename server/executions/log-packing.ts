import { createReadStream, readFileSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createGzip, gzipSync } from 'node:zlib'
import { type Logger } from '../lib/logger.ts'
import { createTurns } from '../lib/turns.ts'
import { isMissing, listChunks, streamDurably, syncFolder, writeDurably } from './log-files.ts'

/** A chunk up to this size is packed at one go: less than a millisecond, and most runs say no more. */
const smallBytes = 65_536

/** Compresses logs that have ended, one chunk at a time over all of them, so that it never weighs on the machine. */
export function createPacking(logger: Logger) {
  const inTurn = createTurns('packing')
  const underWay = new Map<string, Promise<void>>()
  let isStopped = false

  /** Packs the log in a folder; resolves when that is done, or was given up. Never rejects. */
  function pack(folder: string): Promise<void> {
    const already = underWay.get(folder)
    if (already) return already
    const work = inTurn(() => packAll(folder))
      .catch((error: unknown) => {
        // Removed meanwhile: nothing to pack.
        if (!isMissing(error)) logger.warn({ err: error }, 'execution log not packed')
      })
      .finally(() => underWay.delete(folder))
    underWay.set(folder, work)
    return work
  }

  async function packAll(folder: string): Promise<void> {
    for (const { file, packed } of await listChunks(folder)) {
      if (isStopped) return
      const plain = packed ? file.slice(0, -'.gz'.length) : file
      if (!packed) {
        await packOne(file)
        await syncFolder(folder)
      }
      await rm(plain, { force: true })
    }
  }

  async function packOne(file: string): Promise<void> {
    const packed = `${file}.gz`
    if (statSync(file).size <= smallBytes) return writeDurably(packed, gzipSync(readFileSync(file)))
    // Piece by piece: a log can have hundreds of chunks, and memory is not given back as fast as they are read.
    await streamDurably(packed, createReadStream(file).compose(createGzip()))
  }

  return {
    pack,
    /** Resolves when the packing of one log, or of all, is over. */
    settled: async (folder?: string): Promise<void> => {
      await (folder === undefined ? Promise.all(underWay.values()) : underWay.get(folder))
    },
    stop: (): void => {
      isStopped = true
    },
  }
}
