import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMasterKey } from '../vault/master-key.ts'
import { packBackup, sourcesBelow, unpackBackup } from './archive.ts'
import { openBackup, readHeader } from './box.ts'
import { toBackupKey } from './make.ts'

const masterKey = createMasterKey(randomBytes(32), 'generated')
const key = toBackupKey(masterKey)
// More than two chunks, and nothing that would shrink.
const content = randomBytes(2_500_000)
let folder: string
let file: string
let whole: Buffer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carl-archive-'))
  const logs = join(folder, 'logs/exe_1')
  await mkdir(logs, { recursive: true })
  await writeFile(join(folder, 'core'), content)
  await writeFile(join(logs, '000001.jsonl'), 'a line\n')
  await writeFile(join(logs, 'empty'), '')
  file = join(folder, 'backup.carl')
  await packBackup({
    sources: [
      { path: 'core.db', file: join(folder, 'core') },
      ...sourcesBelow(join(folder, 'logs'), 'logs'),
      { path: 'logs/gone', file: join(folder, 'logs/gone'), mayBeGone: true },
    ],
    facts: {
      createdAt: '2026-11-27T02:00:00.000Z',
      appVersion: '1.0.0',
      keyId: key.id,
      instanceId: 'i',
      rows: { node: 3 },
      migrations: [],
      auditHead: null,
    },
    header: {
      createdAt: '2026-11-27T02:00:00.000Z',
      kind: 'nightly',
      appVersion: '1.0.0',
      instanceId: 'i',
      hasLogs: true,
      rows: 3,
    },
    key,
    target: file,
    onBytes: () => {},
    signal: new AbortController().signal,
  })
  whole = await readFile(file)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const check = (bytes: Buffer, by = key) => {
  const damaged = join(folder, `damaged-${randomBytes(4).toString('hex')}`)
  return writeFile(damaged, bytes).then(() => unpackBackup({ file: damaged, key: by, folder: null }))
}

test('what went in comes out, byte for byte, and only the owner may read it', async () => {
  const out = join(folder, 'out')
  const told = await unpackBackup({ file, key, folder: out })
  expect(told).toMatchObject({ rows: { node: 3 }, keyId: key.id })
  expect(await readFile(join(out, 'core.db'))).toEqual(content)
  expect(await readdir(join(out, 'logs/exe_1'))).toEqual(['000001.jsonl', 'empty'])
  expect(execFileSync('find', [out, '-type', 'f', '-perm', '/077'], { encoding: 'utf8' })).toBe('')
})

test('without the key only what is in front is told, and nothing that is in it', async () => {
  expect(await readHeader(createReadStream(file))).toMatchObject({ keyId: key.id, kind: 'nightly', rows: 3 })
  expect(whole.includes('a line')).toBe(false)
  expect(whole.includes('core.db')).toBe(false)
})

test('decrypted, it is an archive that any tar opens', async () => {
  const plain = await buffer(Readable.from(openBackup(createReadStream(file), key)))
  const listed = execFileSync('tar', ['-tzf', '-'], { input: plain, encoding: 'utf8' })
  expect(listed.trim().split('\n')).toEqual([
    'core.db',
    'logs/exe_1/000001.jsonl',
    'logs/exe_1/empty',
    'manifest.json',
  ])
})

describe('a backup that is not as it was made', () => {
  test.each([
    ['cut to nothing', 0, 'restore.not_a_backup'],
    ['cut within its first lines', 100, 'restore.damaged'],
    ['cut within the first chunk', 5_000, 'restore.damaged'],
    ['cut within the last chunk', -10, 'restore.damaged'],
  ])('%s does not open', async (_, bytes, code) => {
    await expect(check(whole.subarray(0, bytes))).rejects.toMatchObject({ code })
  })

  test('cut exactly between two chunks says that it ends too early', async () => {
    const head = 12 + whole.readUInt32BE(8)
    const cut = whole.subarray(0, head + 1_048_576 + 16)
    await expect(check(cut)).rejects.toMatchObject({
      code: 'restore.damaged',
      problem: { detail: expect.stringContaining('ends too early') },
    })
  })

  test('with one bit turned anywhere does not open', async () => {
    for (const at of [20, 60, 700, 1_100_000, whole.length - 1]) {
      const turned = Buffer.from(whole)
      turned[at] = (turned[at] ?? 0) ^ 1
      await expect(check(turned), `bit ${at}`).rejects.toMatchObject({
        code: expect.stringMatching(/^restore\./),
      })
    }
  })

  test('with two chunks exchanged, or more behind its end, does not open', async () => {
    const head = 12 + whole.readUInt32BE(8)
    const size = 1_048_576 + 16
    const chunk = (at: number) => whole.subarray(head + at * size, head + (at + 1) * size)
    const swapped = Buffer.concat([
      whole.subarray(0, head),
      chunk(1),
      chunk(0),
      whole.subarray(head + 2 * size),
    ])
    await expect(check(swapped)).rejects.toMatchObject({ code: 'restore.damaged' })
    await expect(check(Buffer.concat([whole, Buffer.from('more')]))).rejects.toMatchObject({
      code: 'restore.damaged',
    })
  })

  test('that is none at all is called that', async () => {
    await expect(check(Buffer.from('PK\u0003\u0004 a zip of somebody'))).rejects.toMatchObject({
      code: 'restore.not_a_backup',
    })
  })

  test('of another key names both keys, and neither', async () => {
    const other = toBackupKey(createMasterKey(randomBytes(32), 'generated'))
    const refusal = await check(whole, other).catch((error: unknown) => error)
    expect(refusal).toMatchObject({
      code: 'restore.wrong_key',
      problem: { detail: `It was made with the key ${key.id}; the given key is ${other.id}.` },
    })
    expect(JSON.stringify(refusal)).not.toContain(masterKey.reveal().reveal())
  })
})

test('nothing is left of one that was called off', async () => {
  const leaving = new AbortController()
  const target = join(folder, 'called-off')
  await expect(
    packBackup({
      sources: [{ path: 'core.db', file: join(folder, 'core') }],
      facts: {
        createdAt: '2026-11-27T02:00:00.000Z',
        appVersion: '1.0.0',
        keyId: key.id,
        instanceId: 'i',
        rows: {},
        migrations: [],
        auditHead: null,
      },
      header: {
        createdAt: '2026-11-27T02:00:00.000Z',
        kind: 'manual',
        appVersion: '1.0.0',
        instanceId: 'i',
        hasLogs: false,
        rows: 0,
      },
      key,
      target,
      onBytes: () => leaving.abort(new Error('called off')),
      signal: leaving.signal,
    }),
  ).rejects.toThrow('called off')
})
