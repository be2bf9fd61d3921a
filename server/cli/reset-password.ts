import { text } from 'node:stream/consumers'
import type { Config } from '../config.ts'
import { Secret } from '../lib/secret.ts'
import { openHouse } from './master-key.ts'
import { exitCodes } from './problem.ts'

/** `carl reset-password USER`: takes the new password from standard input, so that it appears in no argument list. */
export async function resetPassword(user: string, config: Config): Promise<number> {
  // First of all, since it may ask for the passphrase of the server.
  const house = await openHouse({ ...config, logLevel: 'warn' })
  try {
    if (process.stdin.isTTY) process.stderr.write('New password, then Enter and Ctrl-D:\n')
    const password = new Secret((await text(process.stdin)).replace(/\r?\n$/, ''))
    await house.auth.resetPassword(user, password)
  } finally {
    await house.stop()
  }
  process.stderr.write(`${user} has a new password; all sessions have ended.\n`)
  return exitCodes.ok
}
