import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { styleText } from 'node:util'
import type { AuditVerdict } from '../../contract/audit.ts'
import type { Config } from '../config.ts'
import { fail, isAppError, toMessage } from '../lib/errors.ts'
import { connectTo, findServer } from './client.ts'
import { openHouse } from './master-key.ts'
import { exitCodes } from './problem.ts'

export interface VerifyOptions {
  readonly checkpoints?: string
  readonly json: boolean
}

interface Checked {
  readonly verdict: AuditVerdict
  readonly foreign: number
}

/** Of a longer file the newest lines are looked at: those before them are covered by the chain. */
const mostCheckpoints = 2_000

/** `carl audit verify`: goes through the audit trail, whether the server runs or not. Throws `audit.broken`. */
export async function verifyAudit({ checkpoints, json }: VerifyOptions, config: Config): Promise<number> {
  const given = checkpoints === undefined ? '' : readCheckpointFile(checkpoints)
  const { verdict, foreign } = await check(given, config)
  if (json) process.stdout.write(`${JSON.stringify({ verdict, foreign })}\n`)
  if (!verdict.sound) {
    if (json) return exitCodes.failed
    throw fail('audit.broken', { detail: toWords(verdict) })
  }
  if (!json) {
    const mark = styleText('green', '✓')
    const count = (many: number, what: string) =>
      `${many.toLocaleString('en')} ${what}${many === 1 ? '' : 's'}`
    const { lines, checkpoints: fitting } = verdict
    const fit = `${count(fitting, 'checkpoint')} ${fitting === 1 ? 'fits' : 'fit'}`
    process.stdout.write(`${mark} The audit trail is whole: ${count(lines, 'line')}, ${fit}.\n`)
    if (foreign > 0) {
      const mark = styleText('yellow', '!')
      process.stdout.write(`${mark} ${count(foreign, 'checkpoint')} not signed by this server.\n`)
    }
  }
  return exitCodes.ok
}

async function check(checkpoints: string, config: Config): Promise<Checked> {
  try {
    return await connectTo(findServer(process.env, config)).audit.verify({ body: { checkpoints } })
  } catch (error) {
    if (!isAppError(error) || error.code !== 'server.not_running') throw error
    // To look at a trail must not begin one.
    if (!existsSync(join(config.dataFolder, 'core.db'))) throw error
  }
  const house = await openHouse({ ...config, logLevel: 'warn' })
  try {
    const known = await house.checkpoints.read(checkpoints)
    return { verdict: await house.audit.verify(known.checkpoints), foreign: known.foreign }
  } finally {
    await house.stop()
  }
}

function readCheckpointFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean).slice(-mostCheckpoints).join('\n')
  } catch (error) {
    throw fail('request.invalid', { detail: `${file}: ${toMessage(error)}.`, cause: error })
  }
}

function toWords({ seq, what }: Extract<AuditVerdict, { sound: false }>): string {
  switch (what) {
    case 'changed':
      return `Line ${seq} was changed.`
    case 'removed':
      return `Lines before line ${seq} were removed.`
    case 'rewritten':
      return `Line ${seq} is another one than a checkpoint tells.`
    case 'truncated':
      return seq === 0
        ? 'No line is left, but a checkpoint tells of some.'
        : `The trail ends with line ${seq}, but a checkpoint tells of later ones.`
  }
}
