import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type SmallDisk, smallDisk } from '../../testbed/small-disk.ts'
import { atExit } from './at-exit.ts'
import { command } from './world.ts'

/** Whether this user may mount file systems here. */
export async function canMount(): Promise<boolean> {
  const disk = await smallDisk(1)
  await disk?.close()
  if (!disk) return false
  const folder = mkdtempSync(join(tmpdir(), 'carl-mount-'))
  try {
    const image = await newImage(join(folder, 'try.img'), 8)
    const unmount = await mountImage(image, folder)
    await unmount()
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A file with an ext4 of so many mebibytes. */
export async function newImage(file: string, mebibytes: number): Promise<string> {
  await command('truncate', '-s', `${mebibytes}M`, file)
  await command('mkfs.ext4', '-q', '-F', file)
  return file
}

/** Mounts an image on a folder; repairs it first, as a system does when it starts. Returns what unmounts it. */
export async function mountImage(file: string, folder: string, mode = 'rw'): Promise<() => Promise<void>> {
  // Its exit status says whether it had to repair something.
  await promisify(execFile)('e2fsck', ['-p', file]).catch(() => {})
  await command('mount', '-o', `loop,${mode}`, file, folder)
  const callOff = atExit(() => letGo(folder))
  let isMounted = true
  return async () => {
    if (!isMounted) return
    isMounted = false
    callOff()
    await command('umount', folder)
  }
}

/** A disk in memory of so many mebibytes; null where this user may not mount one. */
export async function memoryDisk(mebibytes: number): Promise<Pick<SmallDisk, 'folder' | 'close'> | null> {
  const disk = await smallDisk(mebibytes)
  if (!disk) return null
  const { folder } = disk
  const callOff = atExit(() => letGo(folder))
  return {
    folder,
    close: async () => {
      callOff()
      await disk.close()
    },
  }
}

/** Also while somebody still uses it. */
const letGo = (folder: string): void => void execFileSync('umount', ['--lazy', folder])

/** Fills the disk below a folder to the last byte. Returns what gives the room back. */
export function fillDisk(folder: string): () => void {
  const file = join(folder, 'filler')
  const handle = openSync(file, 'w')
  try {
    for (const size of [1_048_576, 4_096, 1]) {
      const bytes = randomBytes(size)
      try {
        for (;;) writeSync(handle, bytes)
      } catch {
        // Full, for pieces of this size.
      }
    }
  } finally {
    closeSync(handle)
  }
  return () => rmSync(file, { force: true })
}
