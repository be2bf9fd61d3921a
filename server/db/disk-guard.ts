import { randomFill } from 'node:crypto'
import { existsSync, rmSync, statfsSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'

/** How much room is left where the data lies, bytes. */
export interface Room {
  readonly free: number
  readonly total: number
}

/** `low`: warn · `full`: start nothing new · `critical`: release the reserve, so that what runs can end normally. */
export type RoomLevel = 'ok' | 'low' | 'full' | 'critical'

const mebibyte = 1_048_576
const gibibyte = 1_024 * mebibyte

export const reserveBytes = 64 * mebibyte

/** How often the room is looked at, milliseconds. */
const lookEveryMs = 60_000

/**
 * What the room allows. Below 15 % a warning; below 5 % or 500 MiB nothing new is started. On a large disk a share
 * is far more than this server ever needs, so 60 and 20 GiB are always enough; on a disk of less than 1 GiB half of
 * it takes the place of the 500 MiB, or nothing could ever start there.
 */
export function judgeRoom({ free, total }: Room): RoomLevel {
  if (free < Math.min(reserveBytes, total * 0.02)) return 'critical'
  if (free < Math.min(500 * mebibyte, total * 0.5)) return 'full'
  if (free < Math.min(total * 0.05, 20 * gibibyte)) return 'full'
  if (free < Math.min(total * 0.15, 60 * gibibyte)) return 'low'
  return 'ok'
}

/** A reserve is only put aside where it does not itself make the disk full. */
export const canAffordReserve = ({ free, total }: Room): boolean =>
  judgeRoom({ free: free - 2 * reserveBytes, total }) === 'ok'

interface DiskGuardTools {
  readonly folder: string
  readonly clock: Clock
  readonly logger: Logger
  /** For tests; the file system of the folder otherwise. */
  readonly room?: () => Room
}

/** Looks after the disk that the data lies on. What already runs always ends normally. */
export function createDiskGuard({ folder, clock, logger, room = () => roomOf(folder) }: DiskGuardTools) {
  const reserve = join(folder, 'reserve')
  let level: RoomLevel = 'ok'
  let callOff: (() => void) | null = null
  /** Puts the reserve aside; null when that is not under way. */
  let writing: { readonly done: Promise<void>; readonly stop: AbortController } | null = null

  /** Measures, acts on it, and says what is allowed now. */
  function look(): RoomLevel {
    const now = room()
    const before = level
    level = judgeRoom(now)
    if (level !== before) tell(now)
    if (level === 'critical') release()
    else if (!writing && !existsSync(reserve) && canAffordReserve(now)) putAside()
    return level
  }

  function tell({ free, total }: Room): void {
    const facts = { folder, freeMib: Math.round(free / mebibyte), totalMib: Math.round(total / mebibyte) }
    if (level === 'ok') logger.info(facts, 'disk has room again')
    else if (level === 'low') logger.warn(facts, 'disk is getting full')
    else logger.error(facts, 'disk is full, no new executions')
  }

  /** Throws `storage.full` when nothing new should be started. */
  function checkRoom(): void {
    const now = look()
    if (now === 'ok' || now === 'low') return
    const free = Math.max(0, Math.round(room().free / mebibyte))
    throw fail('storage.full', { detail: `${free} MiB are left in ${folder}.` })
  }

  /** Gives the reserve back to the disk, for audit, cancelling and the end of what runs. */
  function release(): void {
    writing?.stop.abort()
    if (!existsSync(reserve)) return
    rmSync(reserve, { force: true })
    logger.error({ folder }, 'disk is full, reserve released')
  }

  function putAside(): void {
    const stop = new AbortController()
    const done = writeReserve(reserve, stop.signal)
      .catch((error: unknown) => {
        if (!stop.signal.aborted) logger.warn({ err: error, folder }, 'no reserve put aside')
      })
      .finally(() => {
        writing = null
      })
    writing = { done, stop }
  }

  function start(): void {
    look()
    callOff = clock.after(lookEveryMs, start)
  }

  /** Looks no more, and leaves nothing half done. */
  async function stop(): Promise<void> {
    callOff?.()
    writing?.stop.abort()
    await writing?.done
  }

  /** Resolves once a reserve is put aside, if one is being. */
  const settled = async (): Promise<void> => writing?.done

  return { start, stop, look, checkRoom, release, settled }
}
export type DiskGuard = ReturnType<typeof createDiskGuard>

/** How much room the file system of a folder has. */
export function roomOf(folder: string): Room {
  const { bavail, blocks, bsize } = statfsSync(folder)
  return { free: bavail * bsize, total: blocks * bsize }
}

/**
 * Random bytes, because a file system that compresses would hold no room for zeros. One step at a time in the same
 * memory, so that neither the memory nor whoever waits for an answer notices.
 */
async function writeReserve(file: string, signal: AbortSignal): Promise<void> {
  // Under another name until it is whole.
  const draft = `${file}.new`
  const handle = await open(draft, 'w', 0o600)
  try {
    const bytes = Buffer.alloc(mebibyte)
    for (let written = 0; written < reserveBytes; written += mebibyte) {
      signal.throwIfAborted()
      await promisify(randomFill)(bytes)
      await handle.writeFile(bytes)
    }
    await handle.sync()
    signal.throwIfAborted()
    await rename(draft, file)
  } finally {
    await handle.close()
    rmSync(draft, { force: true })
  }
}
