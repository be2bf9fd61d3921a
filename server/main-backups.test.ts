import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { restorePartBytes } from '../contract/own-backup-terms.ts'
import { createShiftedClock } from '../testbed/shifted-clock.ts'
import { type TestHouse, testConfig, testHouse } from '../testbed/house.ts'
import { s3Access, startS3, type TestS3 } from '../testbed/s3-server.ts'
import { startServer } from '../testbed/server-process.ts'
import { startSshd, type TestSshd } from '../testbed/sshd.ts'
import { applyRestore, commitRestore, prepareRestore } from './backups/restore.ts'
import { keyFromKit } from './backups/kit.ts'
import { restore } from './cli/restore.ts'
import { examine } from './db/inspect.ts'
import { migrations } from './db/migrations/index.ts'
import { version } from './version.ts'

const clock = createShiftedClock()
let lab: TestHouse
let sshd: TestSshd
let s3: TestS3
let kit: string
const folders: string[] = []

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'carl-backups-'))
  folders.push(folder)
  return folder
}

beforeAll(async () => {
  ;[lab, sshd, s3] = await Promise.all([testHouse({ overrides: { clock } }), startSshd(), startS3('lab')])
  const { client } = lab.drive
  await lab.drive.addNode(sshd)
  await client.settings.change({ body: { outgoingHosts: ['127.0.0.1', `127.0.0.1:${sshd.port}`] } })
  const { key } = await client.masterKey.recoveryKit({})
  kit = `Recovery kit\n\nServer  here\n\nMaster key:\n${key}\n\nKeep it.\n`
})
afterAll(async () => {
  await Promise.all([lab?.close(), sshd?.stop(), s3?.stop()])
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const backupsOf = () => lab.drive.client.ownBackups

async function settled() {
  await lab.house.backups.settled()
  return backupsOf().get()
}

async function make() {
  await backupsOf().start({ body: {} })
  const all = await settled()
  expect(all.last?.problem).toBeNull()
  return all
}

const fileOf = (name: string) => join(lab.folder, 'backups', name)

test('a backup is made while the server goes on, read back, listed and in the audit trail; only its owner reads it', async () => {
  const all = await make()
  const [made] = all.items
  expect(made).toMatchObject({
    kind: 'manual',
    isHere: true,
    appVersion: version,
    provedAt: expect.any(String),
  })
  // The first one is proved at once; later ones once a week.
  expect(all.drills).toMatchObject([{ name: made?.name, isProved: true, placeId: null, problem: null }])
  expect(spawnSync('find', [join(lab.folder, 'backups'), '-perm', '/077'], { encoding: 'utf8' }).stdout).toBe(
    '',
  )
  const { items } = await lab.drive.client.audit.list({ query: {} })
  expect(items.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['own-backup.made', 'own-backup.drilled']),
  )
  expect(readdirSync(join(lab.folder, 'backups'))).toEqual([made?.name])
})

test('it holds no master key and nothing that can be read', async () => {
  const [made] = (await backupsOf().get()).items
  const bytes = readFileSync(fileOf(made?.name ?? ''))
  const key = readFileSync(join(lab.folder, 'keys/master.key'), 'utf8').trim()
  for (const secret of [key, 'SQLite format', 'key of nas']) expect(bytes.includes(secret)).toBe(false)
})

test('copies reach a folder, an SFTP server and a bucket, and are thinned out there', async () => {
  const client = backupsOf()
  const disk = newFolder()
  mkdirSync(join(sshd.folder, 'home/carl'), { recursive: true })
  await client.addPlace({ body: { settings: { kind: 'folder', path: disk } } })
  const settings = {
    kind: 'sftp',
    host: '127.0.0.1',
    port: sshd.port,
    username: sshd.username,
    folder: join(sshd.folder, 'home/carl'),
    hostKey: null,
  } as const
  const secret = sshd.clientKey.reveal()
  // First it says whom it met; then somebody confirms that.
  const { fingerprint } = sshd.hostKey
  await expect(client.addPlace({ body: { settings, secret } })).rejects.toMatchObject({
    problem: { code: 'own-backup.host_key_unknown', detail: expect.stringContaining(fingerprint) },
  })
  await client.addPlace({ body: { settings: { ...settings, hostKey: fingerprint }, secret } })
  const { secretAccessKey, ...access } = s3Access
  await client.addPlace({
    body: {
      settings: { kind: 's3', endpoint: s3.endpoint, bucket: 'lab', prefix: 'carl/', ...access },
      secret: secretAccessKey,
    },
  })

  const all = await make()
  expect(all.places.map(({ problem }) => problem)).toEqual([null, null, null])
  const names = all.items.map(({ name }) => name)
  expect(names.length).toBe(1)
  for (const { isHere, placeIds } of all.items) expect([isHere, placeIds.length]).toEqual([true, 3])
  const local = readFileSync(fileOf(names[0] ?? ''))
  expect(readFileSync(join(disk, names[0] ?? '')).equals(local)).toBe(true)
  expect(readFileSync(join(sshd.folder, 'home/carl', names[0] ?? '')).equals(local)).toBe(true)
  expect(s3.objects.get(`carl/${names[0]}`)?.equals(local)).toBe(true)
  // Nothing of another server, and nothing of ours that is half there.
  expect(readdirSync(disk).toSorted()).toEqual(['.carl-backups', ...names])
  expect(s3.openUploads()).toBe(0)
  const { items } = await lab.drive.client.outgoing.list({})
  expect(items.map(({ purpose }) => purpose)).toEqual(expect.arrayContaining(['backup', 'backup-sftp']))
  expect(JSON.stringify(all)).not.toContain(secretAccessKey)
})

test('a place that fails is named, told about, and brought up to date later; the others get theirs', async () => {
  const [, , bucket] = (await backupsOf().get()).places
  s3.failNext(403, 'AccessDenied')
  await backupsOf().start({ body: {} })
  const failed = await settled()
  expect(failed.last?.problem).toBeNull()
  const place = failed.places.find(({ id }) => id === bucket?.id)
  expect(place?.problem).toMatchObject({
    code: 'own-backup.place_refused',
    detail: 'S3 answered 403 AccessDenied.',
  })
  const healed = await make()
  expect(healed.places.map(({ problem }) => problem)).toEqual([null, null, null])
  for (const { placeIds } of healed.items) expect(placeIds.length).toBe(3)
})

test('drills take turns with the places, and one that fails says so', async () => {
  const drill = async () => {
    await backupsOf().drill({ body: {} })
    return (await settled()).drills[0]
  }
  const places = (await backupsOf().get()).places.map(({ id }) => id)
  const seen = [await drill(), await drill(), await drill()]
  expect(seen.map((one) => one?.isProved)).toEqual([true, true, true])
  expect(new Set(seen.map((one) => one?.placeId))).toEqual(new Set(places))
  // Now it is the turn of the data folder again, whose copy breaks meanwhile.
  const [newest] = (await backupsOf().get()).items
  truncateSync(fileOf(newest?.name ?? ''), 9_000)
  expect(await drill()).toMatchObject({
    isProved: false,
    placeId: null,
    problem: { code: 'restore.damaged' },
  })
  rmSync(fileOf(newest?.name ?? ''))
})

test('where the folder of backups cannot be written none is made, it says why, and it is told', async () => {
  const backups = join(lab.folder, 'backups')
  const kept = join(lab.folder, 'kept')
  renameSync(backups, kept)
  writeFileSync(backups, 'not a folder')
  await backupsOf().start({ body: {} })
  await lab.house.backups.settled()
  rmSync(backups)
  renameSync(kept, backups)
  const { last } = await backupsOf().get()
  expect(last?.problem).not.toBeNull()
})

describe('restored', () => {
  let backup: string
  beforeEach(() => void vi.spyOn(process.stdout, 'write').mockReturnValue(true))
  beforeAll(async () => {
    const all = await make()
    backup = join(newFolder(), 'kept.carl')
    copyFileSync(fileOf(all.items.find(({ isHere }) => isHere)?.name ?? ''), backup)
  })

  const kitFile = () => {
    const file = join(newFolder(), 'kit.txt')
    writeFileSync(file, kit)
    return file
  }
  const quiet = { replace: false, check: false, json: true }

  test('into a fresh folder with the kit alone it runs the agent on the same node, well under five minutes', async () => {
    const startedAt = performance.now()
    const folder = join(newFolder(), 'data')
    await restore(backup, { ...quiet, kit: kitFile() }, testConfig(folder))
    const server = await startServer(folder)
    try {
      const { id } = await server.drive.run('system-health', 'nas')
      const done = await server.drive.untilEnded(id)
      expect(done.state).toBe('succeeded')
      const { items } = await server.drive.client.audit.list({ query: { action: 'server.restored' } })
      expect(items).toHaveLength(1)
      expect((await server.drive.client.audit.verify({ body: {} })).verdict).toMatchObject({ sound: true })
    } finally {
      await server.stop()
    }
    expect(performance.now() - startedAt).toBeLessThan(5 * 60_000)
  })

  test('over a living server it is refused, and nothing is touched', async () => {
    const before = readdirSync(lab.folder).toSorted()
    await expect(
      restore(backup, { ...quiet, replace: true, kit: kitFile() }, lab.config),
    ).rejects.toMatchObject({
      code: 'storage.locked',
    })
    expect(readdirSync(lab.folder).toSorted()).toEqual(before)
  })

  test('over data that is there only when asked, and then that is moved aside', async () => {
    const folder = join(newFolder(), 'data')
    const config = testConfig(folder)
    await restore(backup, { ...quiet, kit: kitFile() }, config)
    writeFileSync(join(folder, 'keys/mine'), 'of before')
    await expect(restore(backup, { ...quiet, kit: kitFile() }, config)).rejects.toMatchObject({
      code: 'restore.data_there',
    })
    await restore(backup, { ...quiet, replace: true, kit: kitFile() }, config)
    const [aside = ''] = readdirSync(folder).filter((name) => name.startsWith('before-restore-'))
    expect(readFileSync(join(folder, aside, 'keys/mine'), 'utf8')).toBe('of before')
    expect(examine(join(folder, aside, 'core.db')).damage).toBeNull()
  })

  test.each([
    [
      'with the kit of another server',
      () => `${Buffer.from(Array.from({ length: 32 }, (_, at) => at)).toString('base64')}\n`,
      'restore.wrong_key',
    ],
    ['with a kit without a key', () => 'Recovery kit\nThe key is elsewhere.\n', 'restore.no_key'],
  ])('%s it is refused, and the folder stays empty', async (_, text, code) => {
    const folder = join(newFolder(), 'data')
    const file = join(newFolder(), 'kit')
    writeFileSync(file, text())
    await expect(restore(backup, { ...quiet, kit: file }, testConfig(folder))).rejects.toMatchObject({ code })
    expect(readdirSync(folder).filter((name) => !name.startsWith('lock'))).toEqual([])
  })

  test('killed at any step it is finished by the next start', async () => {
    const child = join(import.meta.dirname, '../testbed/restore-child.ts')
    const base = join(newFolder(), 'data')
    await restore(backup, { ...quiet, kit: kitFile() }, testConfig(base))
    const wanted = examine(join(base, 'core.db')).rows
    const steps = ['core.db-wal aside', 'keys aside', 'core.db aside', 'core.db in place', 'noted']
    await Promise.all(
      steps.map(async (step) => {
        const folder = join(newFolder(), 'data')
        spawnSync('cp', ['-a', base, folder])
        writeFileSync(join(folder, 'audit-checkpoints.jsonl'), '')
        writeFileSync(join(folder, 'core.db-wal'), 'of the old database')
        const now = new Date()
        await prepareRestore({
          dataFolder: folder,
          file: backup,
          source: 'a test',
          key: keyFromKit(kit),
          keepsKey: true,
          known: Object.keys(migrations),
          appVersion: version,
          now,
        })
        commitRestore(folder, { at: now.toISOString(), source: 'a test', createdAt: null, appVersion: null })
        const killed = spawn(process.execPath, [child, folder, step], { stdio: 'ignore' })
        const [, signal] = await once(killed, 'close')
        applyRestore(folder)
        const { damage, rows } = examine(join(folder, 'core.db'))
        const has = (name: string) => existsSync(join(folder, name))
        expect({ step, signal, damage, rows }).toEqual({
          step,
          signal: 'SIGKILL',
          damage: null,
          rows: wanted,
        })
        expect([step, has('keys/master.key'), has('restore'), has('core.db-wal')]).toEqual([
          step,
          true,
          false,
          false,
        ])
      }),
    )
  })

  test('by the set-up pages it takes the place of a server nobody has claimed, which starts anew', async () => {
    const fresh = await testHouse()
    try {
      const stranger = fresh.as(null).restore
      await expect(stranger.begin({ body: { token: 'guessed', kit } })).rejects.toMatchObject({
        problem: { code: 'auth.setup_link_invalid' },
      })
      const token = new URL(fresh.setupLink ?? '').hash.replace('#token=', '')
      const { ticket } = await stranger.begin({ body: { token, kit } })
      const bytes = readFileSync(backup)
      for (let at = 0; at < bytes.length; at += restorePartBytes) {
        const base64 = bytes.subarray(at, at + restorePartBytes).toString('base64')
        await stranger.part({ body: { ticket, at, base64 } })
        // A part that was sent twice, because its answer got lost, counts once.
        await stranger.part({ body: { ticket, at, base64 } })
      }
      expect(await stranger.open({ body: { ticket } })).toMatchObject({ nodes: 1, asksPassphrase: false })
      await stranger.confirm({ body: { ticket } })
      await fresh.house.restoreConfirmed
      await fresh.restart()
      const { items } = await fresh.drive.client.nodes.list({ query: {} })
      expect(items.map(({ name }) => name)).toEqual(['nas'])
    } finally {
      await fresh.close()
    }
  })
})

test('every night one is made, also when the server was off at its hour, and none while another is newer', async () => {
  const { backups } = lab.house
  await backupsOf().setRules({ body: { isOn: true, hour: clock.now().getHours(), hasLogs: true } })
  const newest = async () => (await backupsOf().get()).items[0]
  const before = await newest()
  clock.shift(3 * 86_400_000)
  await backups.look()
  await backups.settled()
  const made = await newest()
  expect(made).toMatchObject({ kind: 'nightly', hasLogs: true })
  expect(made?.name).not.toBe(before?.name)
  await backups.look()
  await backups.settled()
  expect(await newest()).toEqual(made)
  await backupsOf().setRules({ body: { isOn: false, hour: 2, hasLogs: false } })
  clock.shift(3 * 86_400_000)
  await backups.look()
  await backups.settled()
  expect(await newest()).toEqual(made)
  expect((await backupsOf().get()).nextAt).toBeNull()
})

test('one that is called off ends soon, and leaves nothing', async () => {
  const before = readdirSync(join(lab.folder, 'backups'))
  await backupsOf().start({ body: {} })
  await expect(backupsOf().start({ body: {} })).rejects.toMatchObject({
    problem: { code: 'own-backup.running' },
  })
  expect(await backupsOf().cancel({ body: {} })).toEqual({ cancelled: true })
  const all = await settled()
  expect(all.last?.problem?.code).toBe('own-backup.cancelled')
  expect(readdirSync(join(lab.folder, 'backups'))).toEqual(before)
})
