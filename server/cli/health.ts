import { connectTo, findServer } from './client.ts'
import type { Config } from '../config.ts'
import { exitCodes, problemOf } from './problem.ts'

/** What a server may answer instead of working, and be well: it waits for a person, or for its own database. */
const waiting: Readonly<Record<string, string>> = {
  'vault.sealed': 'sealed',
  'server.upgrading': 'upgrading',
}

/**
 * `carl health`, for container engines: whether the server on this machine answers. One that is sealed or upgrades its
 * database is not ill, however long that takes: whoever restarts it would only make it begin again. A node that is off is
 * none of its troubles.
 */
export async function health(config: Config): Promise<number> {
  try {
    await connectTo(findServer(process.env, config)).system.version()
    process.stdout.write('alive\n')
  } catch (error) {
    const problem = problemOf(error)
    const state = problem && waiting[problem.code]
    if (problem === undefined || state === undefined) throw error
    process.stdout.write(problem.code === 'server.upgrading' ? `${state}: ${problem.detail}\n` : `${state}\n`)
  }
  return exitCodes.ok
}
