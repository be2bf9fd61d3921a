import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir, userInfo } from 'node:os'
import { connect as connectSocket } from 'node:net'
import { join } from 'node:path'
import { once } from 'node:events'
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from 'ssh2'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type LoopbackNode, startLoopbackNode } from './loopback-node.ts'

let node: LoopbackNode
const clients: Client[] = []
beforeAll(async () => {
  node = await startLoopbackNode()
})
afterEach(() => {
  for (const client of clients.splice(0)) client.end()
})
afterAll(() => node.stop())

async function connect(overrides: ConnectConfig = {}, to = node): Promise<Client> {
  const client = new ssh2.Client()
  clients.push(client)
  client.on('error', () => {})
  client.connect({
    host: '127.0.0.1',
    port: to.port,
    username: to.username,
    privateKey: to.privateKey.reveal(),
    ...overrides,
  })
  await new Promise<void>((ready, fail) => {
    client.once('ready', ready).once('error', fail)
    client.once('close', () => fail(new Error('closed')))
  })
  return client
}

/** The channel, with its end: a quick command ends before an awaited channel could be listened to. */
function exec(client: Client, command: string) {
  return new Promise<{
    channel: ClientChannel
    ended: Promise<{ code: number | null; signal: string | null }>
  }>((open, fail) => {
    client.exec(command, (error, channel) => {
      if (error) return fail(error)
      let how: { code: number | null; signal: string | null } = { code: null, signal: null }
      channel.on('exit', (code: number | null, signal: string | null = null) => {
        how = { code, signal }
      })
      open({ channel, ended: new Promise((end) => channel.once('close', () => end(how))) })
    })
  })
}

async function run(client: Client, command: string, input = '') {
  const { channel, ended } = await exec(client, command)
  const text = { stdout: '', stderr: '' }
  channel.on('data', (chunk: Buffer) => {
    text.stdout += chunk.toString()
  })
  channel.stderr.on('data', (chunk: Buffer) => {
    text.stderr += chunk.toString()
  })
  channel.end(input)
  return { ...(await ended), ...text }
}

/** Resolves with what went wrong; rejects when nothing did. */
function refusal(ask: (done: (error: Error | undefined) => void) => void): Promise<string> {
  return new Promise((refused, fail) => {
    ask((error) => (error ? refused(error.message) : fail(new Error('it was allowed'))))
  })
}

const isAlive = (pid: number): boolean => {
  try {
    // A process that only waits to be collected is not alive.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Looks again with every turn of the event loop; the test's own time limit ends it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((next) => setTimeout(next, 5))
}

describe('the node of the demo', () => {
  test('runs a command as the current user, with what it reads, says and returns', async () => {
    const client = await connect()
    expect(await run(client, 'cat; echo oops >&2; id -un; exit 5', 'input\n')).toEqual({
      code: 5,
      signal: null,
      stdout: `input\n${userInfo().username}\n`,
      stderr: 'oops\n',
    })
  })

  test('tells which signal ended a command', async () => {
    expect(await run(await connect(), 'kill -TERM $$')).toMatchObject({ code: null, signal: 'SIGTERM' })
  })

  test('passes nothing of its own environment on', async () => {
    process.env.CARL_TEST_SECRET = 'do not tell'
    try {
      const { stdout } = await run(await connect(), 'env; pwd')
      const names = stdout.split('\n').flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? [])
      // The shell itself adds PWD, SHLVL and the like.
      expect(names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)).sort()).toEqual([
        'HOME',
        'LANG',
        'PATH',
        'USER',
      ])
      expect(stdout).not.toContain('do not tell')
      expect(stdout).toMatch(new RegExp(`${userInfo().homedir}\n$`))
    } finally {
      delete process.env.CARL_TEST_SECRET
    }
  })

  test('shows the host key it names', async () => {
    let shown = ''
    await connect({
      hostVerifier: (key: Buffer) => {
        shown = key.toString('base64')
        return true
      },
    })
    expect(shown).toBe(node.hostKey.key)
    const sum = createHash('sha256').update(Buffer.from(shown, 'base64')).digest('base64').replace(/=+$/, '')
    expect(node.hostKey).toMatchObject({ type: 'ssh-ed25519', fingerprint: `SHA256:${sum}` })
  })

  test('lets in one key of one user, and nobody else', async () => {
    const stranger = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 }).private
    await expect(connect({ privateKey: stranger })).rejects.toThrow(/authentication methods failed/)
    await expect(connect({ username: 'somebody-else' })).rejects.toThrow(/authentication methods failed/)
    await expect(connect({ authHandler: ['none', 'password'], password: '' })).rejects.toThrow(
      /methods failed/,
    )
  })

  test('another node does not take this key', async () => {
    const other = await startLoopbackNode()
    try {
      await expect(connect({ privateKey: node.privateKey.reveal() }, other)).rejects.toThrow(/methods failed/)
    } finally {
      await other.stop()
    }
  })

  test('opens no terminal, no file transfer and no way on', async () => {
    const client = await connect()
    expect(await refusal((done) => client.shell(done))).toMatch('pseudo-terminal')
    expect(await refusal((done) => client.shell(false, done))).toMatch('shell')
    expect(await refusal((done) => client.sftp(done))).toMatch('sftp')
    expect(await refusal((done) => client.forwardOut('127.0.0.1', 1, '127.0.0.1', node.port, done))).toMatch(
      'failure',
    )
    expect(await refusal((done) => client.forwardIn('127.0.0.1', 0, done))).toMatch('bind')
    expect(await run(client, 'echo still there')).toMatchObject({ stdout: 'still there\n' })
  })

  test('is reached on the loopback address alone', async () => {
    const outside = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
    for (const { address } of [...outside, { address: '127.0.0.2' }]) {
      const socket = connectSocket(node.port, address)
      const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
      expect(error.code).toBe('ECONNREFUSED')
    }
  })

  test('carries a hundred megabytes at the pace of the reader', async () => {
    const { channel, ended } = await exec(await connect(), 'head -c 100000000 /dev/zero; echo done >&2')
    const said: Promise<Buffer> = once(channel.stderr, 'data').then(([text]) => text as Buffer)
    let hasSaid = false
    void said.then(() => {
      hasSaid = true
    })
    // As long as nobody reads, the command is held up and cannot come to its last word.
    await once(channel, 'readable')
    await new Promise((next) => setTimeout(next, 200))
    expect(hasSaid).toBe(false)
    let octets = 0
    channel.on('data', (chunk: Buffer) => {
      octets += chunk.length
    })
    channel.resume()
    await ended
    expect((await said).toString()).toBe('done\n')
    expect(octets).toBe(100_000_000)
  })

  test.each([
    ['the channel is closed', (_: Client, channel: ClientChannel) => channel.close()],
    ['the connection breaks', (client: Client) => client.destroy()],
  ])('when %s, the command and its children end', async (_what, leave) => {
    const client = await connect()
    const { channel } = await exec(client, 'sleep 1000 & echo $! $$; wait')
    const [text] = (await once(channel, 'data')) as [Buffer]
    const pids = text.toString().trim().split(' ').map(Number)
    expect(pids.map(isAlive)).toEqual([true, true])
    leave(client, channel)
    await until(() => !pids.some(isAlive))
  })

  test('stopping ends what still runs, politely where that is enough', async () => {
    const other = await startLoopbackNode()
    const script = 'trap "echo bye; exit 3" TERM; echo $$; while :; do sleep 0.05; done'
    const { channel, ended } = await exec(await connect({}, other), script)
    const [text] = (await once(channel, 'data')) as [Buffer]
    channel.resume()
    await other.stop()
    expect(isAlive(Number(text.toString()))).toBe(false)
    expect(await ended).toEqual({ code: 3, signal: null })
    await expect(connect({}, other)).rejects.toThrow(/ECONNREFUSED/)
  })

  test('the OpenSSH client of this machine runs commands on it, too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'loopback-'))
    try {
      writeFileSync(join(folder, 'key'), node.privateKey.reveal(), { mode: 0o600 })
      const { type, key } = node.hostKey
      writeFileSync(join(folder, 'known'), `[127.0.0.1]:${node.port} ${type} ${key}\n`)
      const options = ['BatchMode=yes', 'IdentitiesOnly=yes', `UserKnownHostsFile=${join(folder, 'known')}`]
      const args = [
        '-F',
        'none',
        '-i',
        join(folder, 'key'),
        '-p',
        `${node.port}`,
        '-l',
        node.username,
        ...options.flatMap((option) => ['-o', option]),
        '127.0.0.1',
        'cat; exit 4',
      ]
      const ended = await new Promise<{ code: unknown; stdout: string }>((done) => {
        const child = execFile('ssh', args, (error, stdout) => done({ code: error?.code, stdout }))
        child.stdin?.end('from afar')
      })
      expect(ended).toEqual({ code: 4, stdout: 'from afar' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('a key is not shown by whoever prints the node', () => {
    expect(JSON.stringify(node)).not.toContain('PRIVATE KEY')
  })
})
