import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import type { Config } from '../config.ts'
import { createHouse } from '../house.ts'
import { fail, isAppError } from '../lib/errors.ts'
import { connectTo, findServer } from './client.ts'
import { exitCodes } from './problem.ts'

export interface ExportOptions {
  readonly format: string
  readonly action?: string
  readonly target?: string
}

/** `carl audit export`: prints the audit trail, oldest first, whether the server runs or not. */
export async function exportAudit(given: ExportOptions, config: Config): Promise<number> {
  const { format, action, target } = given
  if (format !== 'jsonl' && format !== 'csv')
    throw fail('request.invalid', { detail: 'Formats are jsonl and csv.' })
  const wanted = { format, ...(action && { action }), ...(target && { target }) } as const
  try {
    const text = await connectTo(findServer(process.env, config)).audit.export({ body: wanted })
    await print(Readable.from([text]))
    return exitCodes.ok
  } catch (error) {
    if (!isAppError(error) || error.code !== 'server.not_running') throw error
    // To look at a trail must not begin one.
    if (!existsSync(join(config.dataFolder, 'core.db'))) throw error
  }
  const house = await createHouse({ ...config, logLevel: 'warn' })
  try {
    await print(await house.audit.exportAll(wanted, house.localActor))
  } finally {
    await house.stop()
  }
  return exitCodes.ok
}

const print = (text: Readable): Promise<void> => pipeline(text, process.stdout, { end: false })
