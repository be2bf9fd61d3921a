import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'
import { examine } from '../../../server/db/inspect.ts'
import { type Fault, verdictOf } from '../fault.ts'
import { useFor, useServer } from '../load.ts'
import { type BuiltServer, carl, environmentOf } from '../server.ts'
import type { Place, World } from '../world.ts'
import { command } from '../world.ts'

/** Another program, for a time longer and one shorter than we wait, holds the write lock. */
export const databaseLocked: Fault = {
  name: 'database-locked',
  promise: 'it waits, then says so; what only reads is answered meanwhile, no write is lost, and all goes on',
  how: 'another process holds a write transaction for 3 s, then for 14 s, under load',
  run: async (world) => {
    const place = world.newPlace()
    const lost: string[] = []
    const server = await world.open(place.folder)
    const stop = new AbortController()
    const using = useServer(world, server, place, { signal: stop.signal })
    const reading = readOften(server, stop.signal)
    for (const seconds of [3, 14]) {
      await sleepFor(2_000)
      await holdLock(join(place.folder, 'core.db'), seconds)
    }
    await sleepFor(2_000)
    if (server.isOver()) lost.push(`the server ended with ${await server.ended}: ${server.said()}`)
    stop.abort()
    lost.push(...(await using))
    const slowest = await reading
    if (slowest > readWithinMs) lost.push(`somebody who only reads waited for ${slowest} ms`)
    if (server.isOver()) lost.push(...(await world.settleAndCheck(place)))
    else {
      await world.settle(server)
      lost.push(...(await world.check(place)))
    }
    return verdictOf(
      lost,
      `${place.witness.runs.size} runs acknowledged; who read waited for ${slowest} ms at the most`,
    )
  },
}

/** How long somebody who only reads may wait, milliseconds. */
const readWithinMs = 2_000

/** Reads again and again until told to stop. Returns how long the slowest answer took, milliseconds. */
async function readOften({ drive, isOver }: BuiltServer, signal: AbortSignal): Promise<number> {
  let slowest = 0
  while (!signal.aborted && !isOver()) {
    const asked = performance.now()
    await drive.client.nodes.list({ query: { limit: 50 } }).catch(() => {})
    slowest = Math.max(slowest, performance.now() - asked)
    await sleepFor(50)
  }
  return Math.round(slowest)
}

/** In a process of its own: a lock is only one between processes. */
async function holdLock(file: string, seconds: number): Promise<void> {
  const script = `
    const db = new (require('better-sqlite3'))(${JSON.stringify(file)}, { timeout: 5000 })
    db.exec('begin immediate')
    setTimeout(() => { db.exec('rollback'); db.close() }, ${seconds * 1_000})`
  const child = spawn(process.execPath, ['--eval', script], {
    cwd: join(import.meta.dirname, '../../..'),
    stdio: 'ignore',
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error('the lock could not be taken')
}

/** Whole pages of the database lost, at the start of a server that was ended in order. */
export const damagedPages: Fault = {
  name: 'damaged-pages',
  promise: 'refused in words that name the backup, never begun empty; the backup restores',
  how: 'single pages of a copy overwritten, zeroed, or everything behind them cut off; then carl restore',
  run: async (world, { rounds, say }) => {
    const place = await usedPlace(world)
    const file = join(place.folder, 'core.db')
    const backup = newestBackup(place.folder)
    const pages = Math.floor(readFileSync(file).length / pageBytes)
    const whole = contentOf(file)
    const lost: string[] = []
    let refused = 0
    let harmless = 0
    let later = 0
    for (let round = 0; round < rounds * 2; round++) {
      const page = round === 0 ? 0 : Math.floor(world.random() * pages)
      const kind = damages[round % damages.length] as Damage
      const folder = world.inWork('damaged')
      cpSync(place.folder, folder, { recursive: true })
      const damagedFile = join(folder, 'core.db')
      kind.apply(damagedFile, page, world.random)
      const opened = await world.tryOpen(folder)
      if ('status' in opened) {
        refused++
        if (!opened.said.includes('(storage.damaged)') || !/backup/.test(opened.said))
          lost.push(`page ${page} ${kind.name}: it ended with ${opened.status}: ${opened.said}`)
      } else {
        await opened.stop()
        if (contentOf(damagedFile) === whole) harmless++
        // What SQLite cannot see at the start, the check of the nightly backup must.
        else if (examine(damagedFile).damage !== null) later++
        else lost.push(`page ${page} ${kind.name}: it started, and nobody would notice`)
      }
      if (round === 1) lost.push(...(await restored(world, place, folder, backup)))
      rmSync(folder, { recursive: true })
    }
    say(`${refused} refused, ${later} found by the nightly check, ${harmless} in pages that hold nothing`)
    return verdictOf(lost, `${rounds * 2} of ${pages} pages`)
  },
}

const pageBytes = 4_096

interface Damage {
  readonly name: string
  apply(file: string, page: number, random: () => number): void
}

const overwrite = (file: string, page: number, bytes: Buffer): void => {
  const content = readFileSync(file)
  bytes.copy(content, page * pageBytes)
  writeFileSync(file, content)
}

const damages: readonly Damage[] = [
  {
    name: 'overwritten',
    apply: (file, page, random) =>
      overwrite(file, page, Buffer.from(Array.from({ length: pageBytes }, () => Math.floor(random() * 256)))),
  },
  { name: 'zeroed', apply: (file, page) => overwrite(file, page, Buffer.alloc(pageBytes)) },
  { name: 'cut off', apply: (file, page) => truncateSync(file, page * pageBytes) },
]

/** A place with some history and a backup, whose server was stopped in order. */
async function usedPlace(world: World): Promise<Place> {
  const place = world.newPlace()
  const server = await world.open(place.folder)
  // What a schedule starts while the backup is made would be begun again by the restored server.
  await useFor(world, server, place, 4_000, { withoutSchedules: true })
  await world.settle(server)
  const again = await world.open(place.folder)
  await command(
    'env',
    ...Object.entries(environmentOf(place.folder)).map(([name, value]) => `${name}=${value}`),
    process.execPath,
    carl,
    'backup',
    '--json',
  )
  await again.stop()
  return place
}

function newestBackup(folder: string): string {
  const name = readdirSync(join(folder, 'backups')).findLast((one) => one.startsWith('carl-'))
  if (name === undefined) throw new Error('there is no backup')
  return join(folder, 'backups', name)
}

/** Every row of every table but those that each start writes. */
function contentOf(file: string): string {
  const sqlite = new DatabaseSync(file, { readOnly: true })
  try {
    const tables = [
      'execution',
      'journal',
      'report',
      'finding',
      'node',
      'credential',
      'ai_call',
      'schedule',
      'user',
      'setting',
    ]
    return JSON.stringify(
      tables.map((table) => sqlite.prepare(`select * from "${table}" order by rowid`).all()),
    )
  } catch (error) {
    return String(error)
  } finally {
    sqlite.close()
  }
}

/** Restores the backup over a damaged folder; all that was acknowledged before it must be there. */
async function restored(world: World, place: Place, folder: string, backup: string): Promise<string[]> {
  const environment = Object.entries(environmentOf(folder)).map(([name, value]) => `${name}=${value}`)
  await command('env', ...environment, process.execPath, carl, 'restore', backup, '--replace')
  return (await world.settleAndCheck(world.moved(place, folder))).map((what) => `restored: ${what}`)
}

/** What was committed last is only in the write-ahead log when a server is killed. */
export const logMissing: Fault = {
  name: 'wal-missing',
  promise: 'noticed at the start, and never an older state without a word',
  how: 'the server killed under load, its write-ahead log removed, and started',
  run: async (world) => {
    const place = world.newPlace()
    const server = await world.open(place.folder)
    const using = useFor(world, server, place, 3_000)
    await sleepFor(2_900)
    await server.kill()
    await using
    const copy = world.inWork('without')
    cpSync(place.folder, copy, { recursive: true })
    const log = join(copy, 'core.db-wal')
    if (!existsSync(log)) return verdictOf(['there was no write-ahead log to remove'])
    rmSync(log)
    const opened = await world.tryOpen(copy)
    if (!('status' in opened)) {
      await world.settle(opened)
      const lost = await world.check(world.moved(place, copy))
      return verdictOf(['it started without a word', ...lost])
    }
    const said = opened.said.includes('(storage.damaged)') && opened.said.includes('core.db-wal')
    const whole = await world.settleAndCheck(place)
    return verdictOf([...(said ? [] : [`it said: ${opened.said}`]), ...whole])
  },
}

/** Two servers on one folder, politely and past the lock. */
export const twoServers: Fault = {
  name: 'two-servers',
  promise: 'the second refuses; past its lock the database stays sound, and nothing runs twice',
  how: 'a second start, and another one after the file of the lock was removed, both under load',
  run: async (world) => {
    const place = world.newPlace()
    const first = await world.open(place.folder)
    const lost: string[] = []
    const refused = await world.tryOpen(place.folder)
    if (!('status' in refused)) {
      await refused.kill()
      lost.push('the second one started')
    } else if (refused.status !== 75 || !refused.said.includes('storage.locked')) {
      lost.push(`the second one ended with ${refused.status}: ${refused.said}`)
    }
    await useFor(world, first, place, 1_500)
    for (const name of readdirSync(place.folder).filter((one) => one.startsWith('lock.')))
      rmSync(join(place.folder, name))
    const second = await world.tryOpen(place.folder)
    if ('status' in second) {
      await first.stop()
      return verdictOf(
        [...lost, ...(await world.settleAndCheck(place))],
        'past its lock the second refused too',
      )
    }
    lost.push(
      ...(await Promise.all([first, second].map((server) => useFor(world, server, place, 5_000)))).flat(),
    )
    await first.kill()
    await second.kill()
    lost.push(...(await world.settleAndCheck(place)))
    return verdictOf(lost)
  },
}
