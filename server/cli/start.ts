import type { Config } from '../config.ts'
import { createHouse } from '../house.ts'
import { exitCodes } from './problem.ts'

/** Most time a stop may take, milliseconds: container engines kill after ten seconds. */
const stopWithinMs = 9_000

/** `carl start`: serves until a signal asks it to stop. Returns the exit status. */
export async function start(config: Config): Promise<number> {
  const house = await createHouse(config)
  const stopping = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
  })
  const { url, setupLink } = await house.start()
  // The link is for a person at this terminal; the structured log must not keep it.
  if (setupLink)
    process.stdout.write(`\nOpen this link once to create the administrator:\n  ${setupLink}\n\n`)
  else process.stdout.write(`Open ${url}\n`)
  const signal = await stopping
  house.logger.info({ signal }, 'stopping')
  const late = setTimeout(() => process.exit(exitCodes.failed), stopWithinMs)
  await house.stop()
  clearTimeout(late)
  return exitCodes.ok
}
