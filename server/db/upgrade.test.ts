import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../testbed/fake-clock.ts'
import { testHouse } from '../../testbed/house.ts'
import { layDownRelease, releaseKeyText, releases } from '../../testbed/releases.ts'
import { createLogger } from '../lib/logger.ts'
import { examine } from './inspect.ts'
import { migrations } from './migrations/index.ts'
import { type OpenOptions, openDatabase } from './open.ts'
import { checkRoomForUpgrade, listSnapshots } from './upgrade.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carl-upgrade-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = (options: Partial<OpenOptions> = {}) =>
  openDatabase({
    folder,
    clock: createFakeClock(),
    logger: createLogger('silent'),
    allowNetworkStorage: true,
    appVersion: '9.9.9',
    ...options,
  })

/** Every table and index as it is spelled, without what only says how it came about. */
function schemaOf(file: string): string[] {
  const db = new Sqlite(file, { readonly: true })
  const rows = db
    .prepare(`select sql from sqlite_schema where sql is not null and name not like 'sqlite_%' order by name`)
    .pluck()
    .all()
    .map(String)
  db.close()
  return rows
}

describe.each(releases())('the database of release %s', (version) => {
  test('becomes what a fresh one is, keeps every row, and tells the way back', async () => {
    layDownRelease(version, folder)
    const before = examine(join(folder, 'core.db'))
    const db = await open()
    const { upgrade } = db
    await db.close()
    const after = examine(join(folder, 'core.db'))
    expect(after.damage).toBeNull()
    const own = Object.entries(before.rows).filter(([table]) => table !== 'kysely_migration')
    expect(after.rows).toMatchObject(Object.fromEntries(own))
    expect(after.migrations.toSorted()).toEqual(Object.keys(migrations).toSorted())
    expect(upgrade).toMatchObject({ from: version, to: '9.9.9' })

    const fresh = mkdtempSync(join(tmpdir(), 'carl-fresh-'))
    await (await open({ folder: fresh })).close()
    expect(schemaOf(join(folder, 'core.db'))).toEqual(schemaOf(join(fresh, 'core.db')))
    rmSync(fresh, { recursive: true })

    // The snapshot is the database as it was.
    expect(examine(upgrade?.snapshot ?? '')).toMatchObject({ damage: null, rows: before.rows })
    expect(readdirSync(join(folder, 'backups'))).toEqual([
      expect.stringMatching(/^before-9\.9\.9-\d{8}T\d{6}Z\.db$/),
    ])
  })

  test('opens with its key, and what was sealed in it is there', async () => {
    const keyFile = join(folder, 'key')
    writeFileSync(keyFile, releaseKeyText, { mode: 0o600 })
    const lab = await testHouse({
      env: { MASTER_KEY_FILE: keyFile },
      prepare: (data) => layDownRelease(version, data),
    })
    try {
      expect(lab.house.upgrade?.from).toBe(version)
      const { items } = await lab.drive.client.nodes.list({ query: {} })
      expect(items.map(({ name }) => name)).toEqual(['nas'])
      // A changed key goes through all that is sealed: what did not open would stop it.
      writeFileSync(
        keyFile,
        `${releaseKeyText}\n${Buffer.from(Array.from({ length: 32 }, (_, at) => at * 7)).toString('base64')}\n`,
      )
      await lab.drive.client.masterKey.rotate({ body: {} })
      await expect.poll(async () => (await lab.drive.client.masterKey.status({})).rotation).toBeNull()
    } finally {
      await lab.close()
    }
  })
})

test('an upgrade that is killed at any step leaves the old or the new, and the next start goes on', async () => {
  const [version = ''] = releases()
  const child = join(import.meta.dirname, '../../testbed/upgrade-child.ts')
  const known = Object.keys(migrations).sort()
  const lacking = known.filter((name) => !releaseMigrations(version).includes(name))
  for (const step of ['snapshot', ...lacking.map((name) => `${name} done`), 'done']) {
    const data = join(folder, step.replace(/\W/g, '-'))
    mkdirSync(data)
    layDownRelease(version, data)
    const before = examine(join(data, 'core.db')).rows
    const { signal } = spawnSync(process.execPath, [child, data, step])
    const left = examine(join(data, 'core.db'))
    const count = step === 'done' ? known.length : known.length - lacking.length
    expect([step, signal, left.damage, left.migrations.length]).toEqual([step, 'SIGKILL', null, count])
    await (await open({ folder: data })).close()
    const after = examine(join(data, 'core.db'))
    expect([step, after.rows.node, after.migrations.length]).toEqual([step, before.node, known.length])
    for (const snapshot of listSnapshots(data)) expect(examine(snapshot).rows).toEqual(before)
  }
})

const releaseMigrations = (version: string): string[] => {
  const scratch = mkdtempSync(join(tmpdir(), 'carl-release-'))
  layDownRelease(version, scratch)
  const names = [...examine(join(scratch, 'core.db')).migrations]
  rmSync(scratch, { recursive: true })
  return names
}

test('a version before refuses what a newer one wrote, and names both and the snapshot', async () => {
  await (await open({ appVersion: '1.0.0' })).close()
  const newer = { ...migrations, '9999-more': { up: async () => {} } }
  await (await open({ appVersion: '2.0.0', migrations: newer })).close()
  const [snapshot = ''] = listSnapshots(folder)
  await expect(open({ appVersion: '1.0.0' })).rejects.toMatchObject({
    code: 'storage.newer_schema',
    problem: { detail: expect.stringMatching(new RegExp(`2\\.0\\.0.*9999-more.*1\\.0\\.0.*${snapshot}`)) },
  })
})

test('without room nothing is begun', async () => {
  const [version = ''] = releases()
  layDownRelease(version, folder)
  const before = readFileSync(join(folder, 'core.db'))
  await expect(open({ room: () => ({ free: 100_000, total: 1e9 }) })).rejects.toMatchObject({
    code: 'storage.no_room_to_upgrade',
    problem: { detail: expect.stringContaining('Nothing was changed.') },
  })
  expect(listSnapshots(folder)).toEqual([])
  expect(readFileSync(join(folder, 'core.db')).equals(before)).toBe(true)
  expect(() => checkRoomForUpgrade(join(folder, 'core.db'), { free: 1e9, total: 2e9 })).not.toThrow()
})

test('only the last three snapshots stay', async () => {
  const clock = createFakeClock()
  let known = migrations
  for (const at of [1, 2, 3, 4, 5]) {
    known = { ...known, [`999${at}-more`]: { up: async () => {} } }
    await (await open({ clock, migrations: known, appVersion: `${at}.0.0` })).close()
    await clock.advance(1_000)
  }
  expect(listSnapshots(folder).map((file) => /before-(\d)/.exec(file)?.[1])).toEqual(['5', '4', '3'])
})

test('whoever was told of missed runs is told of refused triggers too, and nobody else', async () => {
  const { '0020-trigger-notices': _, ...before } = migrations
  const db = await open({ migrations: before })
  const routes = [
    { kinds: ['schedule.overdue', 'finding.new'], channels: ['phone'] },
    { kinds: ['finding.new'], channels: ['mail'] },
  ]
  const value = JSON.stringify({ quietHours: null, routes })
  await db.write((tx) =>
    tx
      .insertInto('notification_setup')
      .values({ name: 'rules', value, updated_at: '2026-03-01T12:00:00.000Z' })
      .execute(),
  )
  await db.close()

  const after = await open()
  const { value: kept } = await after.read
    .selectFrom('notification_setup')
    .select('value')
    .where('name', '=', 'rules')
    .executeTakeFirstOrThrow()
  await after.close()
  const [missed, found] = routes
  expect(JSON.parse(kept)).toEqual({
    quietHours: null,
    routes: [{ ...missed, kinds: ['schedule.overdue', 'finding.new', 'trigger.refused'] }, found],
  })
})
