import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import Sqlite from 'better-sqlite3'
import type { Kysely } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../testbed/fake-clock.ts'
import { createLogger, type Logger } from '../lib/logger.ts'
import { migrations } from './migrations/index.ts'
import { type OpenDatabase, type OpenOptions, openDatabase } from './open.ts'

let folder: string
let opened: OpenDatabase[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carl-open-'))
  opened = []
})
afterEach(async () => {
  for (const db of opened) await db.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(options: Partial<OpenOptions> = {}): Promise<OpenDatabase> {
  const db = await openDatabase({
    folder,
    clock: createFakeClock(),
    logger: createLogger('silent'),
    allowNetworkStorage: true,
    appVersion: '1.2.3',
    ...options,
  })
  opened.push(db)
  return db
}

const add = (db: OpenDatabase, name: string) =>
  db.write((tx) => tx.insertInto('meta').values({ name, value: 'x' }).execute())

const names = async (db: OpenDatabase) =>
  (
    await db.read
      .selectFrom('meta')
      .select('name')
      .where('name', '!=', 'app_version')
      .orderBy('name')
      .execute()
  ).map(({ name }) => name)

/** Starts a second process on the folder; `lines` are what it says. */
function startChild() {
  const script = fileURLToPath(new URL('../../testbed/database-child.ts', import.meta.url))
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
}

describe('a fresh folder', () => {
  test('becomes a database with a real write-ahead log that can give space back', async () => {
    const db = await open()
    const other = new Sqlite(db.file, { readonly: true })
    expect(other.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(other.pragma('auto_vacuum', { simple: true })).toBe(2)
    other.close()
    await add(db, 'a')
    expect((await stat(`${db.file}-wal`)).size).toBeGreaterThan(0)
  })

  test('is only readable by the user of the server', async () => {
    const deep = join(folder, 'new', 'data')
    await open({ folder: deep })
    expect((await stat(deep)).mode & 0o077).toBe(0)
    expect((await stat(join(deep, 'core.db'))).mode & 0o077).toBe(0)
  })

  test('that cannot be made is named', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(open({ folder: join(folder, 'file', 'data') })).rejects.toMatchObject({
      code: 'storage.not_writable',
    })
  })
})

describe('a folder on a network file system', () => {
  const fileSystem = () => 'NFS'

  test('is refused, and named', async () => {
    await expect(open({ fileSystem, allowNetworkStorage: false })).rejects.toMatchObject({
      code: 'storage.network_filesystem',
      problem: { detail: `${folder} is on NFS.` },
    })
  })

  test('is taken by whoever insists, with a warning', async () => {
    const warned: object[] = []
    const logger = {
      ...createLogger('silent'),
      warn: (facts: object) => warned.push(facts),
    } as unknown as Logger
    await open({ fileSystem, allowNetworkStorage: true, logger })
    expect(warned).toEqual([{ folder, network: 'NFS' }])
  })
})

describe('transactions', () => {
  test('that fail leave nothing behind, and the next one works', async () => {
    const db = await open()
    const broken = db.write(async (tx) => {
      await tx.insertInto('meta').values({ name: 'half', value: 'x' }).execute()
      throw new Error('stop')
    })
    const next = add(db, 'whole')
    await expect(broken).rejects.toThrow('stop')
    await next
    expect(await names(db)).toEqual(['whole'])
  })

  test('wait for each other, so what one reads no other changes', async () => {
    const db = await open()
    await db.write((tx) => tx.insertInto('meta').values({ name: 'count', value: '0' }).execute())
    const addOne = () =>
      db.write(async (tx) => {
        const { value } = await tx
          .selectFrom('meta')
          .select('value')
          .where('name', '=', 'count')
          .executeTakeFirstOrThrow()
        await new Promise((resolve) => setImmediate(resolve))
        await tx
          .updateTable('meta')
          .set({ value: String(Number(value) + 1) })
          .where('name', '=', 'count')
          .execute()
      })
    await Promise.all(Array.from({ length: 20 }, addOne))
    const row = await db.read
      .selectFrom('meta')
      .select('value')
      .where('name', '=', 'count')
      .executeTakeFirst()
    expect(row?.value).toBe('20')
  })

  test('inside a transaction are refused instead of waiting for ever', async () => {
    const db = await open()
    await expect(db.write(() => add(db, 'inner'))).rejects.toThrow('would never end')
    await add(db, 'after')
    expect(await names(db)).toEqual(['after'])
  })

  test('are invisible to readers until they are committed', async () => {
    const db = await open()
    await db.write(async (tx) => {
      await tx.insertInto('meta').values({ name: 'a', value: 'x' }).execute()
      expect(await names(db)).toEqual([])
    })
    expect(await names(db)).toEqual(['a'])
  })

  test('cannot be made through the reading connection', async () => {
    const db = await open()
    const attempt = db.read.insertInto('meta').values({ name: 'a', value: 'x' }).execute()
    await expect(attempt).rejects.toThrow(/readonly/)
  })

  test('respect references between tables', async () => {
    const db = await open()
    const orphan = db.write((tx) =>
      tx
        .insertInto('journal')
        .values({ execution_id: 'exe_none' as never, seq: 1, at: '', step: '', detail: '{}' })
        .execute(),
    )
    await expect(orphan).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_FOREIGNKEY' })
  })

  test('asked for before closing still happen, later ones are refused', async () => {
    const db = await open()
    const asked = add(db, 'a')
    const closed = db.close()
    await expect(add(db, 'b')).rejects.toMatchObject({ code: 'server.not_ready' })
    await Promise.all([asked, closed])
    expect(await names(await open())).toEqual(['a'])
  })

  test('that find the database full say so, and the reserve can be released', async () => {
    let heard = 0
    const db = await open({ onFull: () => heard++ })
    const large = (tx: Parameters<Parameters<OpenDatabase['write']>[0]>[0]) =>
      tx
        .insertInto('meta')
        .values({ name: 'large', value: 'x'.repeat(1_000_000) })
        .execute()
    const limited = db.write(async (tx) => {
      const { sql } = await import('kysely')
      await sql`pragma max_page_count = 100`.execute(tx)
      await large(tx)
    })
    await expect(limited).rejects.toMatchObject({ code: 'storage.full' })
    expect(heard).toBe(1)
    expect(await names(db)).toEqual([])
  })
})

describe('a crash', () => {
  test('with kill -9 loses no transaction that was answered', async () => {
    const { child, lines } = startChild()
    expect((await lines.next()).value).toBe('open')
    let last = 0
    while (last < 200) last = Number((await lines.next()).value)
    child.kill('SIGKILL')
    for (let line = await lines.next(); !line.done; line = await lines.next()) last = Number(line.value)
    const db = await open()
    const kept = (await names(db)).map((name) => Number(name.slice(4)))
    expect(Math.max(...kept)).toBeGreaterThanOrEqual(last)
    expect(kept.length).toBe(Math.max(...kept))
  })

  test('leaves a write-ahead log, without which nothing older is taken for whole', async () => {
    const { child, lines } = startChild()
    expect((await lines.next()).value).toBe('open')
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    await rm(join(folder, 'core.db-wal'))
    await expect(open()).rejects.toMatchObject({ code: 'storage.damaged' })
    // As whoever knows better is told to.
    await rm(join(folder, 'lock.json'))
    await expect(open()).resolves.toBeDefined()
  })

  test('leaves no lock behind', async () => {
    const { child, lines } = startChild()
    expect((await lines.next()).value).toBe('open')
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    await expect(open()).resolves.toBeDefined()
  })
})

describe('a second server', () => {
  test('on the same folder is refused and told who holds it', async () => {
    await open()
    const { lines } = startChild()
    const said = String((await lines.next()).value)
    expect(said).toMatch(/^refused storage\.locked /)
    expect(said).toContain(`process ${process.pid} on ${hostname()} since 2026-03-01T12:00:00.000Z`)
  })

  test('in the same process is refused too', async () => {
    await open()
    await expect(open()).rejects.toMatchObject({ code: 'storage.locked' })
  })

  test('may start once the first has closed', async () => {
    await (await open()).close()
    await expect(open()).resolves.toBeDefined()
  })
})

describe('migrations', () => {
  const failing = {
    ...migrations,
    '9999-fails': {
      up: async (db: Kysely<unknown>) => {
        await db.schema.createTable('half').addColumn('id', 'text').execute()
        await db.schema.alterTable('meta').addColumn('extra', 'text').execute()
        throw new Error('no more disk')
      },
    },
  }

  test('that fail half-way leave everything as it was', async () => {
    const before = await open()
    await add(before, 'a')
    await before.close()
    await expect(open({ migrations: failing })).rejects.toThrow('no more disk')
    const after = await open()
    expect(await names(after)).toEqual(['a'])
    const tables = (await after.read.introspection.getTables()).map(({ name }) => name)
    expect(tables).not.toContain('half')
    const meta = (await after.read.introspection.getTables()).find(({ name }) => name === 'meta')
    expect(meta?.columns.map(({ name }) => name)).toEqual(['name', 'value'])
  })

  test('of a newer version make an older server refuse, naming both', async () => {
    const newer = { ...migrations, '9999-more': { up: async () => {} } }
    await (await open({ migrations: newer, appVersion: '2.0.0' })).close()
    await expect(open({ appVersion: '1.2.3' })).rejects.toMatchObject({
      code: 'storage.newer_schema',
      problem: { detail: expect.stringMatching(/version 2\.0\.0 and has 9999-more.*1\.2\.3.*\d{4}-/) },
    })
    await open({ migrations: newer, appVersion: '2.0.0' })
  })

  test('run once', async () => {
    let runs = 0
    const counted = { ...migrations, '9999-counts': { up: async () => void runs++ } }
    await (await open({ migrations: counted })).close()
    await open({ migrations: counted })
    expect(runs).toBe(1)
  })
})

describe('a damaged database', () => {
  const kinds: [string, (file: string) => Promise<void>][] = [
    ['overwritten at its start', (file) => patch(file, 0, Buffer.from('this is no database at all'))],
    [
      'cut in the middle',
      async (file) => truncate(file, Math.floor((await stat(file)).size / 2 / 4096) * 4096),
    ],
    ['emptied', (file) => truncate(file, 0)],
    ['removed', (file) => rm(file)],
    ['with a broken schema page', (file) => patch(file, 100, Buffer.alloc(300, 0xff))],
    ['with a broken page of data', (file) => patch(file, 4096 * 4, Buffer.alloc(4096, 0xff))],
  ]
  test.each(kinds)('%s is refused, and what is left of it is kept', async (_, damage) => {
    const db = await open()
    await add(db, 'a')
    await db.close()
    await damage(db.file)
    const left = await readFile(db.file).catch(() => null)
    await expect(open()).rejects.toMatchObject({ code: 'storage.damaged' })
    expect(await readFile(db.file).catch(() => null)).toEqual(left)
  })

  test('that was never complete is begun again', async () => {
    await writeFile(join(folder, 'core.db'), '')
    const db = await open()
    await add(db, 'a')
    expect(await names(db)).toEqual(['a'])
  })

  async function patch(file: string, at: number, bytes: Buffer): Promise<void> {
    const content = await readFile(file)
    bytes.copy(content, at)
    await writeFile(file, content)
  }
})

test('after half a minute without a write, the one file holds everything', async () => {
  const clock = createFakeClock()
  const db = await open({ clock })
  await add(db, 'a')
  await clock.advance(20_000)
  await add(db, 'b')
  await clock.advance(20_000)
  expect((await stat(`${db.file}-wal`)).size).toBeGreaterThan(0)
  await clock.advance(10_000)
  expect((await stat(`${db.file}-wal`)).size).toBe(0)
  const copy = join(folder, 'copy.db')
  await copyFile(db.file, copy)
  const other = new Sqlite(copy, { readonly: true })
  expect(other.prepare("select count(*) from meta where name in ('a', 'b')").pluck().get()).toBe(2)
  other.close()
})
