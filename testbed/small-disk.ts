import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface SmallDisk {
  readonly folder: string
  /** Gives the disk another size while it is in use, as an administrator would. */
  resize(mebibytes: number): Promise<void>
  close(): Promise<void>
}

/** A disk in memory that is really full when it is full, with further mount options; null where this user may not mount one. */
export async function smallDisk(mebibytes: number, ...options: string[]): Promise<SmallDisk | null> {
  const folder = await mkdtemp(join(tmpdir(), 'carl-disk-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', [`size=${mebibytes}m`, ...options].join(','), 'tmpfs', folder])
  } catch {
    await rm(folder, { recursive: true })
    return null
  }
  return {
    folder,
    resize: async (size) => {
      await run('mount', ['-o', `remount,size=${size}m`, folder])
    },
    close: async () => {
      await run('umount', [folder])
      await rm(folder, { recursive: true })
    },
  }
}
