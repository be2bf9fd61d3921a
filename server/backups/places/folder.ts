import { createReadStream, createWriteStream, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { syncFile } from '../../db/copy.ts'
import { fail, toMessage } from '../../lib/errors.ts'
import type { Bytes, Place } from './place.ts'

/** Lies in the folder, so that an empty mount point is not taken for the disk that should be there. */
const markName = '.carl-backups'

/** Makes a folder a place. Throws `own-backup.place_refused`. */
export function markFolder(path: string, id: string): void {
  if (!existsSync(path)) throw refused(`${path} does not exist. Create it first`)
  try {
    writeFileSync(join(path, markName), `${id}\n`, { mode: 0o600 })
  } catch (error) {
    throw refused(toMessage(error))
  }
}

/** A folder of this machine: another disk, a stick, a share that is mounted. */
export function createFolderPlace(path: string, id: string): Place {
  function check(): void {
    let mark: string
    try {
      mark = readFileSync(join(path, markName), 'utf8').trim()
    } catch (error) {
      throw refused(`${path} is not the folder it was: is its disk mounted? (${toMessage(error)})`)
    }
    // Another place of this or another server may share it: names tell whose a backup is.
    if (mark === '') throw refused(`${path} has an empty mark ${id}`)
  }

  async function copy(from: string, to: string, onBytes: Bytes, signal: AbortSignal): Promise<void> {
    const draft = `${to}.part`
    await rm(draft, { force: true })
    try {
      await pipeline(
        createReadStream(from, { highWaterMark: 1_048_576 }),
        async function* counted(content: AsyncIterable<Buffer>) {
          for await (const chunk of content) {
            onBytes(chunk.length)
            yield chunk
          }
        },
        createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }),
        { signal },
      )
      await rename(draft, to)
    } catch (error) {
      rmSync(draft, { force: true })
      throw signal.aborted ? signal.reason : refused(toMessage(error))
    }
  }

  return {
    list: async () => {
      check()
      return readdir(path)
    },
    put: async (name, file, onBytes, signal) => {
      check()
      await copy(file, join(path, name), onBytes, signal)
      // Not every share can do that; the file itself is flushed.
      try {
        syncFile(path)
      } catch {}
    },
    get: async (name, file, onBytes, signal) => {
      check()
      await copy(join(path, name), file, onBytes, signal)
    },
    remove: async (name) => {
      check()
      await rm(join(path, name), { force: true }).catch((error: unknown) => {
        throw refused(toMessage(error))
      })
    },
  }
}

const refused = (detail: string) => fail('own-backup.place_refused', { detail: `${detail}.` })
