import type { Config } from '../config.ts'
import { createHouse, type House } from '../house.ts'
import { createGate } from '../house/gate.ts'
import { isAppError } from '../lib/errors.ts'
import { exitCodes } from './problem.ts'

/** Most time a stop may take, milliseconds: container engines kill after ten seconds. */
const stopWithinMs = 9_000

/** `carl start`: serves until a signal asks it to stop. Returns the exit status. */
export async function start(config: Config): Promise<number> {
  const house = await openHouse(config)
  if (!house) return exitCodes.ok
  const stopping = firstSignal()
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

/** The house, at once or when somebody has given its passphrase; null when a signal came first. */
async function openHouse(config: Config): Promise<House | null> {
  try {
    return await createHouse(config)
  } catch (error) {
    if (!isAppError(error) || error.code !== 'vault.sealed') throw error
  }
  const gate = await createGate(config)
  const stopping = firstSignal()
  const { url } = await gate.listen()
  process.stdout.write(`\nThis server is sealed. Open ${url} or run: carl unseal\n\n`)
  try {
    const first = await Promise.race([gate.opened, stopping])
    return typeof first === 'string' ? null : first
  } finally {
    await gate.close()
  }
}

function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
  })
}
