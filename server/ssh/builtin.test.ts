import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import ssh2, { type AuthContext } from 'ssh2'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { openDeafPort } from '../../testbed/deaf-port.ts'
import { createFakeClock } from '../../testbed/fake-clock.ts'
import { canAddUsers, startSshd, type TestSshd, type TestTarget } from '../../testbed/sshd.ts'
import { freePort, startTcpProxy } from '../../testbed/tcp-proxy.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { createLogger } from '../lib/logger.ts'
import { Secret } from '../lib/secret.ts'
import { ask } from './ask.ts'
import { dialBuiltin } from './builtin.ts'
import { hostKeyOf } from './host-key.ts'
import type { HostKeyBlob, SshConnection } from './transport.ts'

const logger = createLogger('silent')
const endings: (() => unknown)[] = []
const atEnd = <Thing>(thing: Thing, end: (thing: Thing) => unknown): Thing => {
  endings.push(() => end(thing))
  return thing
}
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

let sshd: TestSshd
beforeAll(async () => {
  sshd = await startSshd({ hostKeyTypes: ['ed25519', 'rsa', 'ecdsa'] })
  return () => sshd.stop()
})

interface Over {
  address?: string
  through?: SshConnection | null
  clock?: Clock
  signal?: AbortSignal
}

async function dial(target: TestTarget, over: Over = {}) {
  const {
    address = '127.0.0.1',
    through = null,
    clock = systemClock,
    signal = new AbortController().signal,
  } = over
  const dialled = await dialBuiltin({ target, address, through, clock, logger, signal })
  atEnd(dialled.connection, async (connection) => {
    connection.close()
    await connection.closed
  })
  return dialled
}

const say = (connection: SshConnection, command: string, stdin = '') =>
  ask(
    connection,
    { command, stdin },
    { clock: systemClock, signal: new AbortController().signal, withinMs: 60_000 },
  )

/** A server that does what it likes with whoever connects. */
async function startServer(serve: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => {})
    serve(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  atEnd(server, () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections
    },
  }
}

describe('the host key', () => {
  test.each(['ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256'])(
    'of type %s alone is enough, though the server has others it would rather use',
    async (type) => {
      const hostKeys = sshd.hostKeys.filter((key) => key.type === type)
      const { connection, algorithms } = await dial(sshd.targetFor({ hostKeys }))
      expect(connection.hostKey).toEqual(hostKeys[0])
      expect(connection.address).toBe('127.0.0.1')
      expect(algorithms).toMatchObject({ kex: expect.any(String), cipher: expect.any(String) })
      expect(await say(connection, 'echo hello')).toMatchObject({ exitCode: 0, stdout: 'hello\n' })
    },
  )

  test('is shown to be confirmed when none is trusted yet, and no credential leaves', async () => {
    let lent = 0
    const target = sshd.targetFor({
      hostKeys: [],
      withLogin: () => {
        lent++
        throw new Error('not yet')
      },
    })
    await expect(dial(target)).rejects.toMatchObject({
      code: 'ssh.host_key_unknown',
      offered: sshd.hostKeys.find(({ type }) => type === 'ssh-ed25519'),
    })
    expect(lent).toBe(0)
  })

  test('that is not the trusted one ends the connection before a credential leaves', async () => {
    const strangers = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
    const heard: string[] = []
    const server = await startSshServer(strangers.private, (method) => heard.push(method))
    const hostKeys = sshd.hostKeys.filter(({ type }) => type.startsWith('ecdsa'))
    const target = { ...sshd.targetFor(), port: server.port, hostKeys }
    await expect(dial(target)).rejects.toMatchObject({
      code: 'ssh.host_key_changed',
      offered: { type: 'ecdsa-sha2-nistp256' },
    })
    await server.gone
    expect(heard).toEqual([])
  })

  test('that a server gained is learnt, and lets it in when it is the only one left', async () => {
    const rotating = atEnd(await startSshd({ hostKeyTypes: ['ed25519'] }), (one) => one.stop())
    const before = rotating.hostKeys
    await rotating.restart({ hostKeyTypes: ['ed25519', 'ecdsa'] })
    const learnt = Promise.withResolvers<readonly HostKeyBlob[]>()
    await dial(
      rotating.targetFor({
        hostKeys: before,
        onEvent: (event) => event.kind === 'host-keys' && learnt.resolve(event.keys),
      }),
    )
    const keys = await learnt.promise
    expect(keys).toEqual(expect.arrayContaining(rotating.hostKeys))
    await rotating.restart({ hostKeyTypes: ['ecdsa'] })
    await expect(dial(rotating.targetFor({ hostKeys: before }))).rejects.toMatchObject({
      code: 'ssh.no_common_algorithm',
    })
    await dial(rotating.targetFor({ hostKeys: keys }))
  })
})

const publicBlob = (line: string): Buffer => Buffer.from(line.split(' ')[1] ?? '', 'base64')

/** An SSH server that refuses everybody and tells which credentials came. */
async function startSshServer(
  hostKey: string,
  hear: (method: string) => void,
  algorithms: ssh2.ServerConfig['algorithms'] = {},
  decide: (attempt: AuthContext) => void = (attempt) => attempt.reject([]),
) {
  const { promise: gone, resolve } = Promise.withResolvers<void>()
  const server = new ssh2.Server({ hostKeys: [hostKey], algorithms }, (connection) => {
    connection.on('error', () => {})
    connection.on('close', resolve)
    connection.on('authentication', (attempt) => {
      hear(attempt.method)
      decide(attempt)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  atEnd(server, () => server.close())
  return { port: (server.address() as AddressInfo).port, gone }
}

describe('the login', () => {
  test('with a key that is not let in is refused once, on one connection', async () => {
    const proxy = atEnd(await startTcpProxy(sshd.port), (one) => one.close())
    const key = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 }).private
    const target = sshd.targetFor({ port: proxy.port, login: { kind: 'key', privateKey: new Secret(key) } })
    const before = sshd.log.length
    await expect(dial(target)).rejects.toMatchObject({
      code: 'ssh.auth_failed',
      problem: { detail: expect.stringContaining('publickey') },
    })
    expect(proxy.connections).toBe(1)
    // The server writes it down before it answers.
    expect(sshd.log.slice(before).match(/Failed \w+ for/g)).toHaveLength(1)
  })

  test('with a stored key that is damaged is no failed login', async () => {
    const target = sshd.targetFor({ login: { kind: 'key', privateKey: new Secret('nonsense') } })
    await expect(dial(target)).rejects.toMatchObject({ code: 'key.unrecognised' })
  })

  test('fails with the reason of the vault when the credential cannot be lent', async () => {
    const target = sshd.targetFor({ withLogin: () => Promise.reject(new Error('vault closed')) })
    await expect(dial(target)).rejects.toThrow('vault closed')
  })

  test('asks for a second factor that cannot be given', async () => {
    const strict = atEnd(
      await startSshd({ config: ['AuthenticationMethods publickey,password', 'PasswordAuthentication yes'] }),
      (one) => one.stop(),
    )
    await expect(dial(strict.targetFor())).rejects.toMatchObject({
      code: 'ssh.auth_partial',
      problem: { detail: expect.stringContaining('password') },
    })
  })

  test('is refused in words when the server has had enough', async () => {
    const strict = atEnd(await startSshd({ config: ['MaxAuthTries 1'] }), (one) => one.stop())
    const privateKey = new Secret(ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 }).private)
    await expect(dial(strict.targetFor({ login: { kind: 'key', privateKey } }))).rejects.toMatchObject({
      code: 'ssh.auth_failed',
    })
  })

  test.each([
    [
      'key',
      { kind: 'key', privateKey: new Secret(ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 }).private) },
      ['publickey'],
    ],
    ['password', { kind: 'password', password: new Secret('secret') }, ['none']],
  ] as const)('with a %s ends at a server that takes nothing', async (_what, login, methods) => {
    const keys = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
    const heard: string[] = []
    const { port } = await startSshServer(keys.private, (method) => heard.push(method))
    const hostKeys = [hostKeyOf(publicBlob(keys.public))]
    await expect(dial(sshd.targetFor({ port, hostKeys, login }))).rejects.toMatchObject({
      code: 'ssh.auth_failed',
    })
    expect(heard).toEqual(methods)
  })

  test.each([
    ['Verification code: ', 'ssh.auth_partial'],
    ['New password: ', 'ssh.password_expired'],
  ])('with a password goes no further when the node then asks “%s”', async (question, code) => {
    const keys = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
    const answers: string[][] = []
    const { port } = await startSshServer(
      keys.private,
      () => {},
      {},
      (attempt) => {
        if (attempt.method !== 'keyboard-interactive') return attempt.reject(['keyboard-interactive'])
        attempt.prompt([{ prompt: 'Password: ', echo: false }], (given) => {
          answers.push(given)
          attempt.prompt([{ prompt: question, echo: false }], (more) => answers.push(more))
        })
      },
    )
    const login = { kind: 'password', password: new Secret('secret') } as const
    const hostKeys = [hostKeyOf(publicBlob(keys.public))]
    await expect(dial(sshd.targetFor({ port, hostKeys, login }))).rejects.toMatchObject({ code })
    expect(answers).toEqual([['secret']])
  })

  test('with an RSA key works without SHA-1', async () => {
    const key = ssh2.utils.generateKeyPairSync('rsa', { bits: 2_048 })
    const own = atEnd(await startSshd({ hostKeyTypes: ['rsa'] }), (one) => one.stop())
    appendFileSync(join(own.folder, 'keys', own.username), `${key.public}\n`)
    const login = { kind: 'key', privateKey: new Secret(key.private) } as const
    const { algorithms } = await dial(own.targetFor({ login }))
    expect(algorithms.hostKey).toMatch(/^rsa-sha2-/)
  })

  describe.skipIf(!canAddUsers)('with a password', () => {
    test.each([
      ['password', ['PasswordAuthentication yes']],
      ['keyboard-interactive', ['UsePAM yes', 'KbdInteractiveAuthentication yes']],
    ])('works where the server takes %s', async (_method, config) => {
      const server = atEnd(await startSshd({ config }), (one) => one.stop())
      const { username, password } = server.addUser()
      const { connection } = await dial(server.targetFor({ username, login: { kind: 'password', password } }))
      expect(await say(connection, 'id -un')).toMatchObject({ stdout: `${username}\n` })
    })

    test.each([
      ['password', ['PasswordAuthentication yes', 'KbdInteractiveAuthentication yes', 'UsePAM yes']],
      ['keyboard-interactive', ['UsePAM yes', 'KbdInteractiveAuthentication yes']],
    ])('that is wrong costs one failure where the server takes %s', async (_method, config) => {
      const server = atEnd(await startSshd({ config }), (one) => one.stop())
      const { username } = server.addUser()
      const login = { kind: 'password', password: new Secret('wrong') } as const
      await expect(dial(server.targetFor({ username, login }))).rejects.toMatchObject({
        code: 'ssh.auth_failed',
      })
      await vi.waitFor(() => expect(server.log).toContain('Disconnected from authenticating user'))
      expect(server.log.match(/Failed (password|keyboard-interactive)/g)).toHaveLength(1)
    })
  })
})

describe('what is no SSH server', () => {
  test('a port where nobody listens', async () => {
    await expect(dial(sshd.targetFor({ port: await freePort() }))).rejects.toMatchObject({
      code: 'ssh.connection_refused',
    })
  })

  test.each([
    ['a web server', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'ssh.not_ssh'],
    ['64 KB of noise', Buffer.alloc(65_536, 0x2e), 'ssh.not_ssh'],
    ['a server that keeps us away', 'Not allowed at this time\r\n', 'ssh.server_busy'],
    ['a server that is full', 'Exceeded MaxStartups\r\n', 'ssh.server_busy'],
    ['a server that hangs up', '', 'ssh.connection_reset'],
  ])('%s', async (_what, greeting, code) => {
    const { port } = await startServer((socket) => socket.end(greeting))
    await expect(dial(sshd.targetFor({ port }))).rejects.toMatchObject({ code })
  })

  test('a real server that has its hands full', async () => {
    const full = atEnd(await startSshd({ config: ['MaxStartups 1:100:1'] }), (one) => one.stop())
    const squatter = connect({ port: full.port, host: '127.0.0.1' })
    await once(squatter, 'data')
    await expect(dial(full.targetFor())).rejects.toMatchObject({ code: 'ssh.server_busy' })
    squatter.destroy()
  })

  test('a server that resets', async () => {
    const { port } = await startServer((socket) => socket.resetAndDestroy())
    await expect(dial(sshd.targetFor({ port }))).rejects.toMatchObject({ code: 'ssh.connection_reset' })
  })

  test('a port that stays silent is given up after ten seconds', async () => {
    const clock = createFakeClock()
    const { promise: connected, resolve } = Promise.withResolvers<void>()
    const { port } = await startServer(() => resolve())
    const pending = dial(sshd.targetFor({ port }), { clock })
    pending.catch(() => {})
    await connected
    await clock.advance(5_000)
    await clock.advance(10_000)
    await expect(pending).rejects.toMatchObject({ code: expect.stringMatching(/timeout/) })
    expect(clock.waiting()).toBe(0)
  })

  test('a node far away is given its time for each step, not for all of them', async () => {
    const clock = createFakeClock()
    const { port } = await startServer((near) => {
      const far = connect({ port: sshd.port, host: '127.0.0.1' })
      let passed = Promise.resolve()
      far.on('data', (chunk: Buffer) => {
        passed = passed.then(() => clock.advance(3_000)).then(() => void near.write(chunk))
      })
      near.pipe(far)
      for (const socket of [near, far]) socket.on('error', () => {})
      near.once('close', () => far.destroy())
    })
    const { connection } = await dial(sshd.targetFor({ port }), { clock })
    expect(clock.monotonicMs()).toBeGreaterThan(10_000)
    connection.close()
  })

  test('an address where nothing answers is given up after five seconds', async () => {
    const clock = createFakeClock()
    const { port } = atEnd(await openDeafPort(), ({ close }) => close())
    let isOver = false
    const pending = dial(sshd.targetFor({ port }), { clock }).finally(() => (isOver = true))
    pending.catch(() => {})
    await clock.advance(4_999)
    expect(isOver).toBe(false)
    await clock.advance(1)
    await expect(pending).rejects.toMatchObject({ code: 'ssh.connection_timeout' })
  })

  test('waiting can be called off', async () => {
    const stop = new AbortController()
    const { promise: connected, resolve } = Promise.withResolvers<void>()
    const { port } = await startServer(() => resolve())
    const pending = dial(sshd.targetFor({ port }), { signal: stop.signal })
    pending.catch(() => {})
    await connected
    stop.abort(new Error('no longer wanted'))
    await expect(pending).rejects.toThrow('no longer wanted')
  })

  test('a server that knows only group-exchange is refused at once instead of freezing this one', async () => {
    const keys = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
    const server = await startSshServer(keys.private, () => {}, {
      kex: ['diffie-hellman-group-exchange-sha256'],
    })
    await expect(dial({ ...sshd.targetFor(), port: server.port, hostKeys: [] })).rejects.toMatchObject({
      code: 'ssh.no_common_algorithm',
    })
  })
})

describe('a channel', () => {
  test('carries bytes both ways unchanged, and tells how the command ended', async () => {
    const { connection } = await dial(sshd.targetFor())
    const channel = await connection.exec('cat; echo oops >&2; exit 7')
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 256))
    channel.stdin.end(sent)
    const [stdout, stderr] = await Promise.all([channel.stdout.toArray(), channel.stderr.toArray()])
    expect(Buffer.concat(stdout).equals(sent)).toBe(true)
    expect(Buffer.concat(stderr).toString()).toBe('oops\n')
    expect(await channel.ended).toEqual({ code: 7, signal: null })
  })

  test('tells the signal that ended a command', async () => {
    const { connection } = await dial(sshd.targetFor())
    const channel = await connection.exec('kill -KILL $$')
    channel.stdout.resume()
    expect(await channel.ended).toEqual({ code: null, signal: 'SIGKILL' })
  })

  test('waits for a slow reader instead of filling the memory', async () => {
    const { connection } = await dial(sshd.targetFor())
    const channel = await connection.exec('head -c 50000000 /dev/zero; echo done >&2')
    await once(channel.stdout, 'readable')
    let isDone = false
    channel.stderr.on('data', () => {
      isDone = true
    })
    // A round trip on the same connection: whatever was on its way has come by then.
    await say(connection, 'true')
    expect(isDone).toBe(false)
    let bytes = 0
    for await (const chunk of channel.stdout) bytes += (chunk as Buffer).length
    expect(bytes).toBe(50_000_000)
    expect(await channel.ended).toEqual({ code: 0, signal: null })
  })

  test('is over when its reader leaves in the middle', async () => {
    const { connection } = await dial(sshd.targetFor())
    const channel = await connection.exec('yes')
    for await (const _chunk of channel.stdout) break
    expect((await channel.ended).code).not.toBe(0)
    expect(await say(connection, 'echo fine')).toMatchObject({ stdout: 'fine\n' })
  })

  test('is over when it is closed, also when nobody read it', async () => {
    const { connection } = await dial(sshd.targetFor())
    const channel = await connection.exec('yes')
    // So much has come that nothing more fits in: what waits behind it must not keep the channel open.
    const { readableHighWaterMark: room } = channel.stdout
    await vi.waitFor(() => expect(channel.stdout.readableLength).toBeGreaterThanOrEqual(room))
    channel.close()
    expect((await channel.ended).code).not.toBe(0)
  })

  test('ends with neither code nor signal when the link breaks', async () => {
    const proxy = atEnd(await startTcpProxy(sshd.port), (one) => one.close())
    const { connection } = await dial(sshd.targetFor({ port: proxy.port }))
    const channel = await connection.exec('echo started; exec sleep 1000')
    await once(channel.stdout, 'data')
    proxy.cut()
    expect(await channel.ended).toEqual({ code: null, signal: null })
    expect(await connection.closed).not.toBe('')
    expect(connection.isOpen).toBe(false)
    await expect(connection.exec('true')).rejects.toMatchObject({ code: 'ssh.link_lost' })
  })

  test('ends with neither code nor signal when the session is killed on the node', async () => {
    const { connection } = await dial(sshd.targetFor())
    const channel = await connection.exec('echo started; exec sleep 1000')
    await once(channel.stdout, 'data')
    sshd.killSessions()
    expect(await channel.ended).toEqual({ code: null, signal: null })
  })

  test('beyond what the node allows is refused, and the connection stays usable', async () => {
    const small = atEnd(await startSshd({ config: ['MaxSessions 1'] }), (one) => one.stop())
    const { connection, ping } = await dial(small.targetFor())
    const first = await connection.exec('cat')
    first.stdout.resume()
    await expect(connection.exec('true')).rejects.toMatchObject({ code: 'ssh.channel_refused' })
    first.stdin.end()
    await first.ended
    // The node counts the session for a moment longer; by the next round trip it is forgotten.
    await ping?.()
    expect(await say(connection, 'echo again')).toMatchObject({ stdout: 'again\n' })
  })

  test('an answer shows that the far side lives', async () => {
    const proxy = atEnd(await startTcpProxy(sshd.port), (one) => one.close())
    const { connection, ping } = await dial(sshd.targetFor({ port: proxy.port }))
    await ping?.()
    proxy.cut()
    await connection.closed
    await expect(ping?.()).rejects.toMatchObject({ code: 'ssh.link_lost' })
  })
})

describe('a jump host', () => {
  test('carries the connection to the node behind it', async () => {
    const jump = atEnd(await startSshd(), (one) => one.stop())
    const { connection: through } = await dial(jump.targetFor())
    const { connection } = await dial(sshd.targetFor(), { through })
    expect(await say(connection, 'echo behind')).toMatchObject({ stdout: 'behind\n' })
    through.close()
    await connection.closed
    expect(connection.isOpen).toBe(false)
  })

  test('that finds nobody there says so', async () => {
    const { connection: through } = await dial(sshd.targetFor())
    const port = await freePort()
    await expect(dial(sshd.targetFor({ port }), { through })).rejects.toMatchObject({
      code: 'ssh.jump_failed',
    })
  })
})
