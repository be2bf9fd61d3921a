import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startSshd, type TestSshd } from '../../../testbed/sshd.ts'
import { systemClock } from '../../lib/clock.ts'
import { createLogger } from '../../lib/logger.ts'
import { dialBuiltin } from '../../ssh/builtin.ts'
import type { SshConnection } from '../../ssh/transport.ts'
import { createEdits } from './edits.ts'
import { toKey } from './lines.ts'
import { lookForKeys, parseLook, replaceFile } from './node-files.ts'

const tools = { clock: systemClock, signal: new AbortController().signal }
const next = toKey('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINew carl-nas')

async function connect(sshd: TestSshd): Promise<SshConnection> {
  const { connection } = await dialBuiltin({
    target: sshd.targetFor(),
    address: '127.0.0.1',
    through: null,
    clock: systemClock,
    logger: createLogger('silent'),
    signal: tools.signal,
  })
  return connection
}

describe('the files of a node', () => {
  let sshd: TestSshd
  let connection: SshConnection
  let before: string
  const folder = () => join(sshd.home, '.ssh')

  beforeAll(async () => {
    sshd = await startSshd({ keysInHome: true })
    connection = await connect(sshd)
    before = readFileSync(sshd.authorizedKeys, 'latin1')
  })
  afterEach(() => writeFileSync(sshd.authorizedKeys, before, { mode: 0o600 }))
  afterAll(async () => {
    connection.close()
    await sshd.stop()
  })

  async function theFile() {
    const [file] = (await lookForKeys(connection, tools))?.files ?? []
    if (!file) throw new Error('there was no file')
    return file
  }

  test('are read byte for byte, whatever is in them', async () => {
    const odd = `${before}# \u00ff\u00fe no UTF-8, a 'quote', a $(command) and \`one more\`\n\r\n`
    writeFileSync(sshd.authorizedKeys, odd, 'latin1')
    expect((await theFile()).text).toBe(odd)
  })

  test('are replaced byte for byte, with mode and owner as they were, and nothing is left beside them', async () => {
    chmodSync(sshd.authorizedKeys, 0o640)
    writeFileSync(`${sshd.authorizedKeys}.carl-0123`, 'what a connection that broke left behind')
    const file = await theFile()
    const odd = `${before}# \u00ff\u00fe 'quote' $(touch ${sshd.folder}/ran) \`id\` \\n %s\n`
    await replaceFile(connection, file, odd, tools)
    expect(readFileSync(sshd.authorizedKeys, 'latin1')).toBe(odd)
    expect(statSync(sshd.authorizedKeys).mode & 0o7777).toBe(0o640)
    expect(readdirSync(folder())).toEqual(['authorized_keys'])
    expect(readdirSync(sshd.folder)).not.toContain('ran')
  })

  test('are left alone when somebody else has changed them since', async () => {
    const file = await theFile()
    const theirs = `${before}# just now\n`
    writeFileSync(sshd.authorizedKeys, theirs)
    await expect(replaceFile(connection, file, 'ours\n', tools)).rejects.toMatchObject({
      code: 'key.edit_raced',
    })
    expect(readFileSync(sshd.authorizedKeys, 'utf8')).toBe(theirs)
  })

  test('are found at their real place behind a link, as on Unraid, and the link stays', async () => {
    const stick = join(sshd.folder, 'stick')
    mkdirSync(stick, { recursive: true })
    renameSync(sshd.authorizedKeys, join(stick, 'keys'))
    symlinkSync(join(stick, 'keys'), sshd.authorizedKeys)
    const file = await theFile()
    expect(file.path).toBe(join(stick, 'keys'))
    await replaceFile(connection, file, `${before}# more\n`, tools)
    expect(lstatSync(sshd.authorizedKeys).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(stick, 'keys'), 'utf8')).toBe(`${before}# more\n`)
    renameSync(join(stick, 'keys'), sshd.authorizedKeys)
  })

  test('are each changed where the key is in several', async () => {
    const second = join(folder(), 'authorized_keys2')
    writeFileSync(second, `# two\n${before}`)
    const { addLine, removeLine } = createEdits()
    const order = { connection, strategy: 'file', tools } as const
    await addLine(order, toKey(sshd.clientPublicKey), next)
    expect(readFileSync(second, 'utf8')).toContain(next.blob)
    expect(readFileSync(sshd.authorizedKeys, 'utf8')).toContain(next.blob)
    await removeLine(order, next, toKey(sshd.clientPublicKey))
    expect(readFileSync(second, 'utf8')).toBe(`# two\n${before}`)
    expect(readFileSync(sshd.authorizedKeys, 'utf8')).toBe(before)
    renameSync(second, join(sshd.folder, 'second'))
  })
})

describe('a stand-in for TrueNAS', () => {
  /** Keeps the keys of root as JSON and writes the file of them anew with every change, as the middleware does. */
  const midclt = (folder: string, file: string) => `#!/usr/bin/env python3
import json, sys
store = ${JSON.stringify(folder)} + "/users.json"
users = json.load(open(store))
if sys.argv[1:3] == ["call", "user.query"]:
    [[field, equals, value]] = json.loads(sys.argv[3])
    print(json.dumps([user for user in users if user[field] == value]))
elif sys.argv[1:3] == ["call", "user.update"]:
    change = json.loads(sys.argv[4])
    for user in users:
        if user["id"] == int(sys.argv[3]):
            user.update(change)
            open(${JSON.stringify(file)}, "w").write(user["sshpubkey"])
    json.dump(users, open(store, "w"))
    print("{}")
else:
    sys.exit(1)
`

  test('has the line in its settings, and the file follows', async () => {
    const first = await startSshd({ keysInHome: true })
    const bin = join(first.folder, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'midclt'), midclt(first.folder, first.authorizedKeys), { mode: 0o755 })
    const kept = `${first.clientPublicKey}\n`
    writeFileSync(
      join(first.folder, 'users.json'),
      JSON.stringify([
        { id: 1, username: 'somebody', sshpubkey: null },
        { id: 7, username: first.username, sshpubkey: kept },
      ]),
    )
    await first.restart({ environment: { PATH: `${bin}:/usr/bin:/bin` } })
    const connection = await connect(first)
    try {
      expect(await lookForKeys(connection, tools)).toMatchObject({ isTrueNas: true })
      const { addLine, removeLine } = createEdits()
      const order = { connection, strategy: 'truenas', tools } as const
      const old = toKey(first.clientPublicKey)
      await addLine(order, old, next)
      expect(readFileSync(first.authorizedKeys, 'utf8')).toBe(`${kept}ssh-ed25519 ${next.blob} carl-nas\n`)
      await removeLine(order, old, next)
      expect(readFileSync(first.authorizedKeys, 'utf8')).toBe(`ssh-ed25519 ${next.blob} carl-nas\n`)
      writeFileSync(join(first.folder, 'users.json'), '[]')
      await expect(addLine(order, old, next)).rejects.toMatchObject({ code: 'key.edit_failed' })
    } finally {
      connection.close()
      await first.stop()
    }
  })
})

describe('the answer of a node', () => {
  const mark = 'ab12'
  const answer = (files: string) =>
    `noise\n${mark} begun=yes\n${mark} uid=0\n${mark} user=root\n${files}\n${mark} done=yes\n`

  test('is taken apart', () => {
    const text = answer(`${mark} path=/root/.ssh/authorized_keys\n${mark} file 1:6 6 yes\nline\n\n`)
    expect(parseLook(text, mark)).toMatchObject({
      isRoot: true,
      user: 'root',
      files: [{ path: '/root/.ssh/authorized_keys', text: 'line\n\n', canWrite: true, sum: '1:6' }],
    })
  })

  test('is not mistaken for what stands in a file', () => {
    const inside = `${mark} uid=1000\n${mark} done=yes\n`
    const text = answer(`${mark} path=/a\n${mark} file 1:2 ${inside.length} no\n${inside}`)
    expect(parseLook(text, mark)).toMatchObject({ isRoot: true, files: [{ text: inside, canWrite: false }] })
  })

  test.each([
    ['a forced command says something else', 'CARL-GATE program\n'],
    ['it breaks off', `${mark} begun=yes\n${mark} uid=0\n`],
    ['a file is longer than the answer', answer(`${mark} path=/a\n${mark} file 1:2 9999 yes\nab\n`)],
    ['a file has no place', answer(`${mark} file 1:2 2 yes\nab\n`)],
    ['its place is none', answer(`${mark} path=; rm -rf /\n${mark} file 1:2 2 yes\nab\n`)],
  ])('counts for nothing where %s', (_name, text) => {
    expect(parseLook(text, mark)).toBeNull()
  })

  test('with NUL in a file is not written back', () => {
    const text = answer(`${mark} path=/a\n${mark} file 1:2 2 yes\n\0b\n`)
    expect(parseLook(text, mark)?.files[0]?.canWrite).toBe(false)
  })
})
