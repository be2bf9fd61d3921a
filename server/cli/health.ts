import { connectTo, findServer } from './client.ts'
import type { Config } from '../config.ts'
import { exitCodes, problemOf } from './problem.ts'

/**
 * `carl health`, for container engines: whether the server on this machine answers. One that is sealed waits for a person,
 * and a node that is off is none of its troubles, so neither is ill.
 */
export async function health(config: Config): Promise<number> {
  try {
    await connectTo(findServer(process.env, config)).system.version()
    process.stdout.write('alive\n')
  } catch (error) {
    if (problemOf(error)?.code !== 'vault.sealed') throw error
    process.stdout.write('sealed\n')
  }
  return exitCodes.ok
}
