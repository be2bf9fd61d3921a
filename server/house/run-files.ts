import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Secret } from '../lib/secret.ts'

/**
 * Leaves the address of this server and a token for the commands on this machine. Whoever may read the data folder
 * may do everything anyway, for the database and its key lie there too.
 */
export function leaveRunFiles(dataFolder: string, url: string, token: Secret): void {
  const folder = join(dataFolder, 'run')
  removeRunFiles(dataFolder)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'local-token'), `${token.reveal()}\n`, { mode: 0o600 })
  writeFileSync(join(folder, 'url'), `${url}\n`, { mode: 0o600 })
}

export function removeRunFiles(dataFolder: string): void {
  rmSync(join(dataFolder, 'run'), { recursive: true, force: true })
}
