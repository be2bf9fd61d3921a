import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadKeys } from './keys/sources.ts'
import { createMasterKey } from './master-key.ts'
import { splitWords } from './words.ts'

const key = randomBytes(32)
const { id } = createMasterKey(key, 'file')
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carl-key-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

interface Given {
  readonly file?: string
  readonly command?: string
  /** The key that the database was encrypted with. */
  readonly expectedId?: string
}

async function load({ file, command, expectedId }: Given = {}) {
  const sources = { file: file ?? null, command: command ?? null, dataFolder: folder, startsSealed: false }
  const state = { keyId: expectedId ?? null, rotation: null, retired: [] }
  return (await loadKeys(sources, state)).current
}

async function keyFile(content: string): Promise<string> {
  const file = join(folder, 'given key')
  await writeFile(file, content)
  return file
}

describe('a generated key', () => {
  test('is made once, readable by nobody else, and the same from then on', async () => {
    const first = await load()
    const file = join(folder, 'keys', 'master.key')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'keys'))).mode & 0o777).toBe(0o700)
    const second = await load({ expectedId: first.id })
    expect(second.id).toBe(first.id)
    expect(second.source).toBe('generated')
    expect(second.purposeKey('creds').equals(first.purposeKey('creds'))).toBe(true)
  })

  test('that is lost is never replaced', async () => {
    await expect(load({ expectedId: 'a91f' })).rejects.toMatchObject({
      code: 'vault.key_unusable',
      problem: { detail: expect.stringContaining('encrypted with the key a91f') },
    })
    await expect(stat(join(folder, 'keys', 'master.key'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('that cannot be written is named', async () => {
    await writeFile(join(folder, 'keys'), 'in the way')
    await expect(load()).rejects.toMatchObject({ code: 'vault.key_unusable' })
  })
})

describe('a given key', () => {
  test.each([
    ['hex', key.toString('hex')],
    ['upper-case hex', key.toString('hex').toUpperCase()],
    ['base64 with a line end', `${key.toString('base64')}\n`],
    ['base64 for addresses', key.toString('base64url')],
  ])('is read as %s', async (_, content) => {
    expect(await load({ file: await keyFile(content) })).toMatchObject({ id, source: 'file' })
  })

  test.each([
    ['empty', ''],
    ['too short', key.subarray(0, 31).toString('base64')],
    ['too long', `${key.toString('hex')}00`],
    ['zeros', '0'.repeat(64)],
    ['a placeholder', Buffer.from('change-me').toString('hex').padEnd(64, '61')],
    ['a word', 'change-me'],
  ])('that is %s is refused, and no other source is tried', async (_, content) => {
    const file = await keyFile(content)
    const error: unknown = await load({ file, command: `printf ${key.toString('hex')}` }).catch(
      (e: unknown) => e,
    )
    expect(error).toMatchObject({
      code: 'vault.key_unusable',
      problem: { detail: expect.stringContaining(file) },
    })
    expect(content.length > 8 && inspect(error).includes(content)).toBe(false)
  })

  test('in a file that is missing is refused', async () => {
    await expect(load({ file: join(folder, 'none') })).rejects.toMatchObject({ code: 'vault.key_unusable' })
  })

  test('comes from a command, without a shell', async () => {
    const file = await keyFile(key.toString('hex'))
    expect(await load({ command: `cat "${file}"` })).toMatchObject({ id, source: 'command' })
    await expect(load({ command: `cat "${file}" | cat` })).rejects.toMatchObject({
      code: 'vault.key_unusable',
    })
  })

  test.each([
    ['fails', 'sh -c "echo secret-on-stderr >&2; echo secret-on-stdout; exit 3"', /ended with 3/],
    ['does not exist', 'no-such-program-at-all', /ENOENT/],
    ['is blank', '   ', /is empty/],
  ])('from a command that %s is refused, without what it printed', async (_, command, words) => {
    const error: unknown = await load({ command }).catch((e: unknown) => e)
    expect(error).toMatchObject({
      code: 'vault.key_unusable',
      problem: { detail: expect.stringMatching(words) },
    })
    expect(inspect(error, { depth: 10 })).not.toContain('secret-on')
  })
})

test('keys for different purposes have nothing in common, and stay the same over versions', () => {
  const fixed = createMasterKey(Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 'file')
  expect(fixed.purposeKey('creds').toString('hex')).toBe(
    '46a1a0dd41b0cef9fe9bff8b9c72afb07ab28576dabf6ab318d140845696f2d6',
  )
  expect(fixed.purposeKey('audit-mac').toString('hex')).toBe(
    '77e0dd0e8830e3b8f074f3605835944ffb336015060b0a9998e57c95f18afdab',
  )
})

test('a master key shows nothing of itself', () => {
  expect(inspect(createMasterKey(key, 'file'), { depth: 10, showHidden: true })).not.toContain(
    key.toString('hex'),
  )
})

test('the generated key file holds base64 and nothing else', async () => {
  await load()
  const content = await readFile(join(folder, 'keys', 'master.key'), 'utf8')
  expect(content).toMatch(/^[A-Za-z0-9+/]{43}=\n$/)
})

test.each([
  ['sops -d  key.enc', ['sops', '-d', 'key.enc']],
  [`sops --extract '["key"]' file`, ['sops', '--extract', '["key"]', 'file']],
  ['a "b c" d\\ e', ['a', 'b c', 'd e']],
  [`a "" ''`, ['a', '', '']],
  [`"a \\" b" '\\'`, ['a " b', '\\']],
  ['a$HOME `b` | c', ['a$HOME', '`b`', '|', 'c']],
  ['', []],
])('the words of %s', (line, words) => {
  expect(splitWords(line)).toEqual(words)
})
