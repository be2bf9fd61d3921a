import { execFileSync } from 'node:child_process'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../testbed/fake-clock.ts'
import { descendantsOf, untilSeen } from '../../testbed/processes.ts'
import { canAddUsers, startSshd, type TargetOverrides, type TestSshd } from '../../testbed/sshd.ts'
import { freePort, startTcpProxy } from '../../testbed/tcp-proxy.ts'
import { systemClock } from '../lib/clock.ts'
import { createLogger } from '../lib/logger.ts'
import { Secret } from '../lib/secret.ts'
import { generateKeyPair } from '../vault/ssh-key.ts'
import type { Dialled, DialOrder } from './dial.ts'
import { sweepOpenSshFolders } from './openssh-folder.ts'
import { dialOpenSsh } from './openssh.ts'
import type { SshConnection } from './transport.ts'

let sshd: TestSshd
const connections: SshConnection[] = []
const nextSshd: TestSshd[] = []
beforeAll(async () => {
  sshd = await startSshd({ hostKeyTypes: ['ed25519', 'ecdsa'] })
})
afterEach(async () => {
  for (const connection of connections) connection.close()
  await Promise.all(connections.splice(0).map(({ closed }) => closed))
  await Promise.all(nextSshd.splice(0).map((one) => one.stop()))
})
afterAll(() => sshd.stop())

async function another(options: Parameters<typeof startSshd>[0]): Promise<TestSshd> {
  const started = await startSshd(options)
  nextSshd.push(started)
  return started
}

async function dial(
  overrides: TargetOverrides = {},
  { at = sshd, ...order }: Partial<DialOrder> & { at?: TestSshd } = {},
): Promise<Dialled & { events: readonly unknown[] }> {
  const target = at.targetFor({ transport: 'openssh', ...overrides })
  const dialled = await dialOpenSsh({
    target,
    address: '127.0.0.1',
    through: null,
    clock: systemClock,
    logger: createLogger('silent'),
    signal: new AbortController().signal,
    ...order,
  })
  connections.push(dialled.connection)
  return { ...dialled, events: target.events }
}

async function run(connection: SshConnection, command: string, input = '') {
  const channel = await connection.exec(command)
  channel.stdin.end(input)
  const [stdout, stderr, ended] = await Promise.all([
    text(channel.stdout),
    text(channel.stderr),
    channel.ended,
  ])
  return { stdout, stderr, ...ended }
}

test('a command gets its input, both outputs stay apart, and its exit status is its own', async () => {
  const { connection, algorithms } = await dial()
  expect(await run(connection, 'cat; echo wrong >&2; exit 7', 'hello\n')).toEqual({
    stdout: 'hello\n',
    stderr: 'wrong\n',
    code: 7,
    signal: null,
  })
  expect(await run(connection, 'exit 255')).toMatchObject({ code: 255, signal: null })
  expect(algorithms).toMatchObject({
    hostKey: 'ssh-ed25519',
    kex: expect.any(String),
    cipher: expect.any(String),
  })
  expect(connection.hostKey).toEqual(sshd.hostKey)
})

test('megabytes pass both ways unchanged, on several channels at a time', async () => {
  const { connection } = await dial()
  const input = 'päckchen\n'.repeat(200_000)
  const results = await Promise.all([1, 2, 3].map(() => run(connection, 'cat', input)))
  expect(results.map(({ stdout }) => stdout === input)).toEqual([true, true, true])
})

test('a command that was killed on the node is no success, no failure of its own, and no broken link', async () => {
  const { connection } = await dial()
  expect(await run(connection, 'kill -KILL $$')).toMatchObject({ code: null, signal: 'unknown' })
  expect(connection.isOpen).toBe(true)
})

test('a link that breaks ends the command without a status, and says why', async () => {
  const { connection } = await dial()
  const channel = await connection.exec('exec sleep 60')
  sshd.killSessions()
  expect(await channel.ended).toEqual({ code: null, signal: null })
  expect(await connection.closed).toMatch(/closed by remote host|Broken pipe|reset by peer/)
  expect(connection.isOpen).toBe(false)
  await expect(connection.exec('true')).rejects.toMatchObject({ code: 'ssh.link_lost' })
})

test('a channel that we close ends, with the command that listens to its input', async () => {
  const { connection } = await dial()
  const channel = await connection.exec('exec cat')
  channel.close()
  expect(await channel.ended).toEqual({ code: null, signal: null })
  expect((await run(connection, 'echo still here')).stdout).toBe('still here\n')
})

test('it answers a ping as long as the node is there', async () => {
  const { connection, ping } = await dial()
  await ping?.()
  connection.close()
  await connection.closed
  await expect(ping?.()).rejects.toMatchObject({ code: 'ssh.link_lost' })
})

test('one session too many is refused, and the connection stays usable', async () => {
  const small = await another({ config: ['MaxSessions 1'] })
  const { connection } = await dial({}, { at: small })
  const first = await connection.exec('cat')
  await expect(connection.exec('true')).rejects.toMatchObject({ code: 'ssh.channel_refused' })
  first.stdin.end()
  expect(await first.ended).toMatchObject({ code: 0 })
  expect(await run(connection, 'true')).toMatchObject({ code: 0 })
})

describe('the host key', () => {
  test('is shown whole when nothing is trusted yet, and nothing logs in', async () => {
    const own = await another({})
    await expect(dial({ hostKeys: [] }, { at: own })).rejects.toMatchObject({ offered: own.hostKey })
    expect(own.log).not.toMatch(/Failed|Accepted/)
  })

  test('is refused and shown when it is another one than the trusted', async () => {
    const other = await another({ hostKeyTypes: ['ed25519', 'rsa'] })
    await expect(dial({ hostKeys: other.hostKeys })).rejects.toMatchObject({
      code: 'ssh.host_key_changed',
      offered: sshd.hostKey,
    })
    expect(sshd.log).not.toMatch(new RegExp(`Failed publickey for ${sshd.username}`))
  })

  test('of another type raises no alarm as long as the trusted one is there, and is learnt', async () => {
    const ecdsa = sshd.hostKeys[1]
    const { connection, events } = await dial({ hostKeys: ecdsa ? [ecdsa] : [] })
    expect(connection.hostKey).toEqual(ecdsa)
    await run(connection, 'true')
    const event = await untilSeen('the keys the node proved', () => events[0])
    expect(event).toMatchObject({ kind: 'host-keys', keys: expect.arrayContaining([sshd.hostKey, ecdsa]) })
  })
})

describe('the login', () => {
  test('works with every kind of key, and leaves no private key on disk', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'carl-keys-'))
    for (const [type, bits] of [
      ['rsa', '2048'],
      ['ecdsa', '256'],
      ['ecdsa', '384'],
      ['ecdsa', '521'],
    ] as const) {
      const file = join(folder, `${type}-${bits}`)
      execFileSync('ssh-keygen', ['-q', '-t', type, '-b', bits, '-N', '', '-f', file])
      const before = readFileSync(join(sshd.folder, 'keys', sshd.username), 'utf8')
      writeFileSync(join(sshd.folder, 'keys', sshd.username), before + readFileSync(`${file}.pub`, 'utf8'))
      const privateKey = new Secret(readFileSync(file, 'utf8'))
      const { connection } = await dial({ login: { kind: 'key', privateKey } })
      expect((await run(connection, 'id -un')).stdout.trim()).toBe(sshd.username)
    }
    const held = readdirSync(tmpdir()).filter((name) => name.startsWith(`carl-ssh-${process.pid}-`))
    const files = held.flatMap((name) =>
      readdirSync(join(tmpdir(), name), { withFileTypes: true })
        .filter((file) => file.isFile())
        .map((file) => readFileSync(join(tmpdir(), name, file.name), 'utf8')),
    )
    expect(files.length).toBeGreaterThan(0)
    expect(files.join('\n')).not.toContain('PRIVATE KEY')
    rmSync(folder, { recursive: true })
  })

  test('with a key that is not let in costs one failure', async () => {
    const own = await another({})
    const { privateKey } = await generateKeyPair('other')
    await expect(
      dial({ login: { kind: 'key', privateKey: new Secret(privateKey.reveal()) } }, { at: own }),
    ).rejects.toMatchObject({ code: 'ssh.auth_failed' })
    expect(own.log.match(/Failed publickey/g)).toHaveLength(1)
  })

  test.runIf(canAddUsers)('works with a password, which no process shows', async () => {
    const own = await another({ config: ['PasswordAuthentication yes'] })
    const { username, password } = own.addUser()
    const { connection } = await dial({ username, login: { kind: 'password', password } }, { at: own })
    expect((await run(connection, 'id -un')).stdout.trim()).toBe(username)
    const seen = descendantsOf(process.pid).map((pid) =>
      ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1')).join(),
    )
    expect(seen.length).toBeGreaterThan(0)
    expect(seen.join()).not.toContain(password.reveal())
  })

  test.runIf(canAddUsers)('with a wrong password costs one failure, and fails soon', async () => {
    const own = await another({ config: ['PasswordAuthentication yes'] })
    const { username } = own.addUser()
    const login = { kind: 'password', password: new Secret('wrong') } as const
    await expect(dial({ username, login }, { at: own })).rejects.toMatchObject({ code: 'ssh.auth_failed' })
    expect(own.log.match(/Failed password/g)).toHaveLength(1)
  })

  test.runIf(canAddUsers)('answers a question for the password where only that is offered', async () => {
    const own = await another({ config: ['UsePAM yes', 'KbdInteractiveAuthentication yes'] })
    const { username, password } = own.addUser()
    const { connection } = await dial({ username, login: { kind: 'password', password } }, { at: own })
    expect((await run(connection, 'id -un')).stdout.trim()).toBe(username)
  })

  test.runIf(canAddUsers)('says so when the node wants a second proof', async () => {
    const own = await another({
      config: ['PasswordAuthentication yes', 'AuthenticationMethods publickey,password'],
    })
    await expect(dial({}, { at: own })).rejects.toMatchObject({ code: 'ssh.auth_partial' })
  })
})

describe('a node that cannot be reached', () => {
  test('refuses: nobody listens', async () => {
    await expect(dial({ port: await freePort() })).rejects.toMatchObject({ code: 'ssh.connection_refused' })
  })

  test('is no SSH server', async () => {
    const web = createServer((socket) => {
      socket.on('error', () => {})
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n<html>no</html>\r\n')
    }).listen(0, '127.0.0.1')
    await once(web, 'listening')
    const { port } = web.address() as { port: number }
    await expect(dial({ port })).rejects.toMatchObject({ code: 'ssh.not_ssh' })
    web.close()
  })

  test('has no algorithm in common', async () => {
    const own = await another({ config: ['KexAlgorithms diffie-hellman-group14-sha1'] })
    await expect(dial({}, { at: own })).rejects.toMatchObject({ code: 'ssh.no_common_algorithm' })
    const { connection } = await dial({ legacyAlgorithms: true }, { at: own })
    expect(await run(connection, 'true')).toMatchObject({ code: 0 })
  })

  test('is silent: after ten seconds we give up', async () => {
    const clock = createFakeClock()
    const silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as { port: number }
    const refusal = dial({ port }, { clock }).catch((error: unknown) => error)
    await clock.untilWaiting()
    await clock.advance(10_000)
    expect(await refusal).toMatchObject({ code: 'ssh.handshake_timeout' })
    silent.close()
  })

  test('is given up when the caller does', async () => {
    const proxy = await startTcpProxy(sshd.port)
    proxy.pause()
    const abort = new AbortController()
    const refusal = dial({ port: proxy.port }, { signal: abort.signal }).catch((error: unknown) => error)
    await untilSeen('a connection', () => proxy.connections > 0)
    abort.abort(new Error('not wanted any more'))
    expect(await refusal).toEqual(new Error('not wanted any more'))
    await proxy.close()
  })
})

test('a node behind another is reached through it', async () => {
  const { connection: jump } = await dial()
  const inner = await another({})
  const { connection } = await dial({}, { at: inner, through: jump })
  expect((await run(connection, 'echo inner')).stdout).toBe('inner\n')
  await expect(jump.forward('127.0.0.1', await freePort())).rejects.toMatchObject({ code: 'ssh.jump_failed' })
  jump.close()
  await connection.closed
})

test('what a killed server left behind is swept at the next start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'carl-sweep-'))
  const stale = ['carl-ssh-999999999-abc', `carl-ssh-${process.pid}-before`]
  const alive = `carl-ssh-${process.ppid}-live`
  for (const name of [...stale, alive, 'other']) mkdirSync(join(folder, name))
  expect(await sweepOpenSshFolders(folder)).toBe(2)
  expect(readdirSync(folder).sort()).toEqual([alive, 'other'])
  const { connection } = await dial()
  await sweepOpenSshFolders()
  expect(await run(connection, 'echo still here')).toMatchObject({ stdout: 'still here\n' })
  rmSync(folder, { recursive: true })
})
