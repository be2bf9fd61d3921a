import { setTimeout as sleepFor } from 'node:timers/promises'
import type { BackupRun, OwnBackups } from '../../contract/own-backups.ts'
import type { Config } from '../config.ts'
import { AppError, isAppError } from '../lib/errors.ts'
import { type CliClient, connectTo, findServer } from './client.ts'
import { openHouse } from './master-key.ts'
import { localActor } from '../auth/person.ts'
import { exitCodes } from './problem.ts'

export interface BackupOptions {
  readonly list: boolean
  readonly drill: boolean
  readonly json: boolean
}

/** How often the progress is asked for, milliseconds. */
const lookEveryMs = 200

/** What the commands need of the server, which runs or is opened for them. */
interface Side {
  get(): Promise<OwnBackups>
  start(): Promise<unknown>
  drill(): Promise<unknown>
  close(): Promise<void>
}

/** `carl backup`: makes a backup, or a restore drill, and waits for its end. */
export async function backup({ list, drill, json }: BackupOptions, config: Config): Promise<number> {
  const side = await findSide(config)
  try {
    if (list) return tellList(await side.get(), json)
    const before = await side.get()
    await (drill ? side.drill() : side.start())
    const after = await untilOver(side)
    return drill ? tellDrill(after, json) : tellBackup(before, after, json)
  } finally {
    await side.close()
  }
}

/** The server on this machine, or the house itself where none runs. */
async function findSide(config: Config): Promise<Side> {
  try {
    const client = connectTo(findServer(process.env, config))
    await client.ownBackups.get()
    return ofServer(client)
  } catch (error) {
    const code = isAppError(error)
      ? error.code
      : error instanceof Error && 'problem' in error
        ? codeOf(error)
        : ''
    if (!/^server\.(not_running|no_answer)$/.test(code) || process.env.CARL_URL) throw error
  }
  const house = await openHouse({ ...config, logLevel: 'warn' })
  const { backups } = house
  return {
    get: backups.get,
    start: async () => backups.start('manual', localActor),
    drill: backups.drill,
    close: house.stop,
  }
}

const codeOf = (error: Error): string => (error as Error & { problem: { code: string } }).problem.code

const ofServer = (client: CliClient): Side => ({
  get: () => client.ownBackups.get(),
  start: () => client.ownBackups.start({ body: {} }),
  drill: () => client.ownBackups.drill({ body: {} }),
  close: async () => {},
})

async function untilOver(side: Side): Promise<OwnBackups> {
  for (;;) {
    const now = await side.get()
    if (!now.run) return now
    tellProgress(now.run)
    await sleepFor(lookEveryMs)
  }
}

function tellProgress({ step, done, total }: BackupRun): void {
  if (!process.stderr.isTTY) return
  const share = total > 0 ? ` ${Math.floor((100 * done) / total)} %` : ''
  process.stderr.write(`\r${step}${share}          \r`)
}

function tellBackup(before: OwnBackups, after: OwnBackups, json: boolean): number {
  const known = new Set(before.items.map(({ name }) => name))
  const made = after.items.find(({ name }) => !known.has(name))
  if (!made) {
    if (after.last?.problem)
      throw new AppError(after.last.problem.code, { detail: after.last.problem.detail })
    throw new Error('no backup was made')
  }
  const failed = after.places.filter(({ problem }) => problem !== null)
  if (json) process.stdout.write(`${JSON.stringify(made)}\n`)
  else {
    process.stdout.write(`${after.folder}/${made.name}\n`)
    process.stderr.write(
      `${toMib(made.sizeBytes)}, ${made.rows ?? 0} rows, read back and whole. The recovery kit ${made.keyId} opens it.\n`,
    )
    for (const { problem } of failed) process.stderr.write(`Not copied: ${problem?.detail}\n`)
  }
  return failed.length > 0 ? exitCodes.failed : exitCodes.ok
}

function tellDrill({ drills }: OwnBackups, json: boolean): number {
  const [newest] = drills
  if (!newest) throw new Error('no drill was made')
  if (json) process.stdout.write(`${JSON.stringify(newest)}\n`)
  else if (newest.isProved)
    process.stdout.write(
      `✓ ${newest.name} restored on trial: ${toMib(newest.bytes)}, ${newest.rows} rows, ${(newest.tookMs / 1_000).toFixed(1)} s.\n`,
    )
  else process.stdout.write(`✗ ${newest.name}: ${newest.problem?.detail}\n`)
  return newest.isProved ? exitCodes.ok : exitCodes.failed
}

function tellList(all: OwnBackups, json: boolean): number {
  if (json) process.stdout.write(`${JSON.stringify(all)}\n`)
  for (const { name, sizeBytes, provedAt, isHere, placeIds } of json ? [] : all.items) {
    const where = [
      ...(isHere ? ['here'] : []),
      ...(placeIds.length > 0 ? [`${placeIds.length} elsewhere`] : []),
    ]
    process.stdout.write(
      `${name}  ${toMib(sizeBytes).padStart(9)}  ${where.join(' + ')}${provedAt ? `  proved ${provedAt}` : ''}\n`,
    )
  }
  return exitCodes.ok
}

const toMib = (bytes: number | null): string =>
  bytes === null ? '?' : `${(bytes / 1_048_576).toFixed(1)} MiB`
