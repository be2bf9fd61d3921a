import type { Config } from '../config.ts'
import { type Upgrade, wayBackOf } from '../db/upgrade.ts'
import { createHouse, type House } from '../house.ts'
import { createGate } from '../house/gate.ts'
import { isAppError } from '../lib/errors.ts'
import { exitCodes } from './problem.ts'

/** Most time a stop may take, milliseconds: container engines kill after ten seconds. */
const stopWithinMs = 9_000

/** `carl start`: serves until a signal asks it to stop, through any restore on the way. Returns the exit status. */
export async function start(config: Config): Promise<number> {
  const stopping = firstSignal()
  for (;;) {
    const house = await openHouse(config, stopping)
    if (!house) return exitCodes.ok
    if (house.upgrade) process.stdout.write(`\n${describeUpgrade(house.upgrade)}\n\n`)
    const { url, setupLink } = await house.start()
    // The link is for a person at this terminal; the structured log must not keep it.
    if (setupLink)
      process.stdout.write(`\nOpen this link once to create the administrator:\n  ${setupLink}\n\n`)
    else process.stdout.write(`Open ${url}\n`)
    const why = await Promise.race([stopping, house.restoreConfirmed.then(() => 'restore' as const)])
    house.logger.info({ why }, 'stopping')
    const late = setTimeout(() => process.exit(exitCodes.failed), stopWithinMs)
    await house.stop()
    clearTimeout(late)
    if (why !== 'restore') return exitCodes.ok
    process.stdout.write('Starting again with the restored backup.\n')
  }
}

/** What an upgrade did, and the way back. */
function describeUpgrade(upgrade: Upgrade): string {
  const { from, to, steps, tookMs } = upgrade
  const many = steps.length === 1 ? '1 step' : `${steps.length} steps`
  return `The database was upgraded from version ${from ?? 'unknown'} to ${to}: ${many}, ${(tookMs / 1_000).toFixed(1)} s.\n${wayBackOf(upgrade)}`
}

/** The house, at once or when somebody has given its passphrase; null when a signal came first. */
async function openHouse(config: Config, stopping: Promise<NodeJS.Signals>): Promise<House | null> {
  try {
    return await createHouse(config)
  } catch (error) {
    if (!isAppError(error) || error.code !== 'vault.sealed') throw error
  }
  const gate = await createGate(config)
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
