import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { lstatSync, mkdtempSync, readdirSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alias, sshEnvironment } from './openssh-options.ts'

/** A socket's path has room for 107 bytes, and ssh adds 17 while it makes one. */
const longestFolder = 80
const prefix = 'carl-ssh-'

const parent = (): string => (tmpdir().length > longestFolder - 30 ? '/tmp' : tmpdir())

/** In a container the server of before had the same process id; only these are really of this process. */
const own = new Set<string>()

/** A folder of its own for one connection, which only this user may enter. */
export function makeOpenSshFolder(): string {
  const folder = mkdtempSync(join(parent(), `${prefix}${process.pid}-`))
  own.add(folder)
  return folder
}

export function removeOpenSshFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  own.delete(folder)
}

/** Asks the process that holds a connection for a sign of life, or to end; false when there is none (any more). */
export async function tellHolder(folder: string, what: 'check' | 'exit'): Promise<boolean> {
  const asked = spawn('ssh', ['-F', 'none', '-S', join(folder, 'c'), '-O', what, alias], {
    stdio: 'ignore',
    env: sshEnvironment(),
    detached: true,
  })
  const [code] = (await once(asked, 'exit').catch(() => [null])) as [number | null]
  return code === 0
}

/** Calls back when a file of the folder was made or written; the returned function calls it off. */
export type FolderWatch = (name: string, look: () => void) => () => void

/** Watches a folder for as long as a connection lives. */
export function watchFolder(folder: string): { on: FolderWatch; close(): void } {
  const looks = new Map<string, () => void>()
  const watcher = watch(folder, { persistent: false }, (_, name) => looks.get(name ?? '')?.())
  // The folder goes away with the connection.
  watcher.on('error', () => {})
  return {
    on: (name, look) => {
      looks.set(name, look)
      return () => void looks.delete(name)
    },
    close: () => watcher.close(),
  }
}

/**
 * Removes what a server that was killed left behind: its connections are told to end, their folders go. Folders of a
 * server that still runs stay. Resolves with how many there were.
 */
export async function sweepOpenSshFolders(from = parent()): Promise<number> {
  const stale = readdirSync(from).filter((name) => {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
    if (pid === undefined || own.has(join(from, name)) || !isOurs(join(from, name))) return false
    return Number(pid) === process.pid || !isAlive(Number(pid))
  })
  await Promise.all(
    stale.map(async (name) => {
      const folder = join(from, name)
      await tellHolder(folder, 'exit')
      rmSync(folder, { recursive: true, force: true })
    }),
  )
  return stale.length
}

/** The folder for temporary files is everybody's: what another user put there is left alone. */
const isOurs = (folder: string): boolean =>
  lstatSync(folder, { throwIfNoEntry: false })?.uid === process.getuid?.()

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
