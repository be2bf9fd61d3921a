import type { Config } from '../config.ts'
import { openHouse } from './master-key.ts'
import { exitCodes } from './problem.ts'

/** `carl reset-factors USER`: for somebody who lost phone and recovery codes; the password is enough again. */
export async function resetFactors(user: string, config: Config): Promise<number> {
  const house = await openHouse({ ...config, logLevel: 'warn' })
  try {
    await house.auth.resetFactors(user)
  } finally {
    await house.stop()
  }
  process.stderr.write(`${user} has no second factor any more; all sessions have ended.\n`)
  return exitCodes.ok
}
