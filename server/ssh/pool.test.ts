import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import ssh2 from 'ssh2'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createFakeClock, type FakeClock } from '../../testbed/fake-clock.ts'
import { startSshd, type TestSshd, type TestTarget } from '../../testbed/sshd.ts'
import { freePort, startTcpProxy, type TcpProxy } from '../../testbed/tcp-proxy.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import { createLogger } from '../lib/logger.ts'
import { Secret } from '../lib/secret.ts'
import { ask } from './ask.ts'
import { dialBuiltin } from './builtin.ts'
import type { Dial } from './dial.ts'
import { createPool, type Pool, type PoolLease } from './pool.ts'
import type { Resolve } from './resolve.ts'
import type { SshConnection } from './transport.ts'

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
  sshd = await startSshd()
  return () => sshd.stop()
})

interface PoolOptions {
  clock?: Clock
  dial?: Dial
  resolve?: Resolve
  allowedNetworks?: readonly string[]
}

function newPool(options: PoolOptions = {}): Pool {
  const { clock = systemClock, dial = dialBuiltin, resolve, allowedNetworks = ['127.0.0.0/8'] } = options
  const pool = createPool({
    dials: { builtin: dial, openssh: dial },
    allowedNetworks: () => allowedNetworks,
    clock,
    logger: createLogger('silent'),
    random: () => 0.5,
    ...(resolve && { resolve }),
  })
  return atEnd(pool, ({ close }) => close())
}

/** Counts the connections that really reach the node. */
const newProxy = async (port: number): Promise<TcpProxy> =>
  atEnd(await startTcpProxy(port), (one) => one.close())

const say = async ({ connection }: PoolLease, command: string) => {
  const tools = { clock: systemClock, signal: new AbortController().signal, withinMs: 60_000 }
  return (await ask(connection, { command, stdin: '' }, tools)).stdout
}

const failures = ({ events }: TestTarget) => events.filter(({ kind }) => kind === 'failed')
const hours = (count: number) => count * 3_600_000

describe('sharing', () => {
  test('many who ask at once get one connection, and the next ones too', async () => {
    const proxy = await newProxy(sshd.port)
    const pool = newPool()
    const target = sshd.targetFor({ port: proxy.port })
    const leases = await Promise.all([1, 2, 3, 4].map(() => pool.use(target)))
    expect(leases.map(({ isNew }) => isNew)).toEqual([true, false, false, false])
    for (const { release } of leases) release()
    const again = await pool.use(target)
    expect(again.isNew).toBe(false)
    expect(await say(again, 'echo shared')).toBe('shared\n')
    expect(proxy.connections).toBe(1)
    expect(target.events.filter(({ kind }) => kind !== 'host-keys')).toMatchObject([
      {
        kind: 'connected',
        address: '127.0.0.1',
        hostKey: sshd.hostKey,
        attempt: 1,
        algorithms: { hostKey: 'ssh-ed25519' },
      },
    ])
  })

  test('two credentials of one node never share', async () => {
    const pool = newPool()
    const first = await pool.use(sshd.targetFor())
    const second = await pool.use(sshd.targetFor())
    expect([first.isNew, second.isNew]).toEqual([true, true])
  })

  test('somebody who stops waiting disturbs nobody else', async () => {
    const pool = newPool()
    const target = sshd.targetFor()
    const stop = new AbortController()
    const [impatient, patient] = [pool.use(target, stop.signal), pool.use(target)]
    stop.abort(new Error('cancelled'))
    await expect(impatient).rejects.toThrow('cancelled')
    expect((await patient).connection.isOpen).toBe(true)
  })

  test('an attempt nobody waits for is called off, and the next one starts afresh', async () => {
    const pool = newPool()
    const target = sshd.targetFor()
    const stop = new AbortController()
    const impatient = pool.use(target, stop.signal)
    stop.abort(new Error('cancelled'))
    await expect(impatient).rejects.toThrow('cancelled')
    expect((await pool.use(target)).isNew).toBe(true)
  })

  test('a connection is opened anew when its key is no longer trusted', async () => {
    const pool = newPool()
    const target = sshd.targetFor()
    const lease = await pool.use(target)
    lease.release()
    await expect(pool.use({ ...target, hostKeys: [] })).rejects.toMatchObject({
      code: 'ssh.host_key_unknown',
    })
  })

  test('dropping a connection lets it end what runs on it, and hands it out no more', async () => {
    const pool = newPool()
    const target = sshd.targetFor()
    const lease = await pool.use(target)
    const running = await lease.connection.exec('cat')
    pool.drop(target.poolKey, 'the node was changed')
    expect(pool.isConnected(target.poolKey)).toBe(false)
    expect((await pool.use(target)).isNew).toBe(true)
    running.stdin.end('still here')
    expect(Buffer.concat(await running.stdout.toArray()).toString()).toBe('still here')
    expect(await running.ended).toMatchObject({ code: 0 })
    lease.release()
    await lease.connection.closed
  })

  test('a connection that is dropped while it is made is not handed out', async () => {
    const proxy = await newProxy(sshd.port)
    let drop = () => pool.drop(target.poolKey, 'the node was changed')
    const pool = newPool({
      resolve: async () => {
        drop()
        drop = () => {}
        return ['127.0.0.1']
      },
    })
    const target = sshd.targetFor({ port: proxy.port })
    const pending = pool.use(target)
    expect((await pending).connection.isOpen).toBe(true)
    expect(pool.isConnected(target.poolKey)).toBe(true)
    expect(proxy.connections).toBe(2)
  })

  test('closing the pool ends every connection, and it opens no more', async () => {
    const pool = newPool()
    const target = sshd.targetFor()
    const lease = await pool.use(target)
    await pool.close()
    expect(lease.connection.isOpen).toBe(false)
    expect(pool.isConnected(target.poolKey)).toBe(false)
    await expect(pool.use(target)).rejects.toMatchObject({ code: 'server.not_ready' })
    expect(target.events.at(-1)).toMatchObject({ kind: 'closed' })
  })
})

describe('ageing', () => {
  test('a connection is closed after five idle minutes, and not while it is held', async () => {
    const clock = createFakeClock()
    const pool = newPool({ clock })
    const target = sshd.targetFor()
    const lease = await pool.use(target)
    await clock.advance(hours(1))
    expect(pool.isConnected(target.poolKey)).toBe(true)
    lease.release()
    await clock.advance(299_000)
    expect(pool.isConnected(target.poolKey)).toBe(true)
    await clock.advance(1_000)
    expect(pool.isConnected(target.poolKey)).toBe(false)
    await lease.connection.closed
  })

  test('a command that goes on after its lease keeps the connection open', async () => {
    const clock = createFakeClock()
    const pool = newPool({ clock })
    const lease = await pool.use(sshd.targetFor())
    const running = await lease.connection.exec('cat')
    running.stdout.resume()
    lease.release()
    await clock.advance(hours(1))
    expect(lease.connection.isOpen).toBe(true)
    running.stdin.end()
    await running.ended
    await clock.advance(300_000)
    expect(lease.connection.isOpen).toBe(false)
  })

  test('a connection of twelve hours is replaced', async () => {
    const clock = createFakeClock()
    const pool = newPool({ clock })
    const target = sshd.targetFor()
    const old = await pool.use(target)
    await clock.advance(hours(12))
    expect((await pool.use(target)).isNew).toBe(true)
    old.release()
    await old.connection.closed
  })

  test('after some silence a connection has to answer, and is used again when it does', async () => {
    const clock = createFakeClock()
    const pool = newPool({ clock })
    const target = sshd.targetFor()
    const lease = await pool.use(target)
    lease.release()
    await clock.advance(60_000)
    expect(await pool.use(target)).toMatchObject({ isNew: false })
  })

  test('one that does not answer is replaced without a word', async () => {
    const clock = createFakeClock()
    const pool = newPool({ clock })
    const cable = await newProxy(sshd.port)
    const target = sshd.targetFor({ port: cable.port })
    const lease = await pool.use(target)
    lease.release()
    await clock.advance(60_000)
    cable.pause()
    const waiting = clock.waiting()
    const pending = pool.use({ ...target, port: sshd.port })
    await clock.untilWaiting(waiting)
    await clock.advance(5_000)
    const next = await pending
    expect(next.isNew).toBe(true)
    expect(await say(next, 'echo back')).toBe('back\n')
  })

  test('one whose link broke is replaced as well', async () => {
    const pool = newPool()
    const proxy = await newProxy(sshd.port)
    const target = sshd.targetFor({ port: proxy.port })
    const lease = await pool.use(target)
    lease.release()
    proxy.cut()
    await lease.connection.closed
    expect(pool.isConnected(target.poolKey)).toBe(false)
    expect((await pool.use(target)).isNew).toBe(true)
  })
})

describe('channels', () => {
  test('four run at a time on one connection; the fifth has its turn when one ends', async () => {
    const pool = newPool()
    const { connection } = await pool.use(sshd.targetFor())
    const running = await Promise.all([1, 2, 3, 4].map(() => connection.exec('cat')))
    for (const { stdout } of running) stdout.resume()
    let hasStarted = false
    const fifth = connection.exec('echo fifth').then((channel) => {
      hasStarted = true
      return channel
    })
    await connection.forward('127.0.0.1', sshd.port).then((stream) => stream.destroy())
    expect(hasStarted).toBe(false)
    running[2]?.stdin.end()
    const channel = await fifth
    expect(Buffer.concat(await channel.stdout.toArray()).toString()).toBe('fifth\n')
    for (const { stdin } of running) stdin.end()
  })

  test('on a node that allows one session the next waits instead of failing', async () => {
    const small = atEnd(await startSshd({ config: ['MaxSessions 1'] }), (one) => one.stop())
    const pool = newPool()
    const lease = await pool.use(small.targetFor())
    const first = await lease.connection.exec('cat')
    first.stdout.resume()
    const rest = ['a', 'b', 'c'].map((word) => say(lease, `echo ${word}`))
    first.stdin.end()
    expect(await Promise.all(rest)).toEqual(['a\n', 'b\n', 'c\n'])
  })

  test('waiting for a turn can be called off', async () => {
    const pool = newPool()
    const target = sshd.targetFor()
    const { connection } = await pool.use(target)
    const running = await Promise.all([1, 2, 3, 4].map(() => connection.exec('cat')))
    for (const { stdout } of running) stdout.resume()
    const stop = new AbortController()
    const late = await pool.use(target, stop.signal)
    const pending = late.connection.exec('true')
    stop.abort(new Error('cancelled'))
    await expect(pending).rejects.toThrow('cancelled')
    for (const { stdin } of running) stdin.end()
  })

  test('whoever waits for a turn hears when the link breaks', async () => {
    const pool = newPool()
    const proxy = await newProxy(sshd.port)
    const { connection } = await pool.use(sshd.targetFor({ port: proxy.port }))
    await Promise.all([1, 2, 3, 4].map(() => connection.exec('cat')))
    const pending = connection.exec('true')
    proxy.cut()
    await expect(pending).rejects.toMatchObject({ code: 'ssh.link_lost' })
  })
})

describe('attempts', () => {
  test('what may pass is tried three times, after one second and after four', async () => {
    const clock = createFakeClock()
    const target = sshd.targetFor({ port: await freePort() })
    const pending = newPool({ clock }).use(target)
    pending.catch(() => {})
    for (const [waitMs, tries] of [
      [1_000, 1],
      [4_000, 2],
    ] as const) {
      await untilFailures(target, tries, clock)
      await clock.advance(waitMs - 1)
      expect(failures(target)).toHaveLength(tries)
      await clock.advance(1)
    }
    await expect(pending).rejects.toMatchObject({ code: 'ssh.connection_refused', attempts: 3 })
    expect(failures(target)).toMatchObject([
      { attempt: 1, willRetry: true },
      { attempt: 2, willRetry: true },
      { attempt: 3, willRetry: false },
    ])
  })

  test('a node that comes back in between is reached after all', async () => {
    const clock = createFakeClock()
    const proxy = await newProxy(sshd.port)
    proxy.refuse(true)
    const target = sshd.targetFor({ port: proxy.port })
    const pending = newPool({ clock }).use(target)
    await untilFailures(target, 1, clock)
    proxy.refuse(false)
    await clock.advance(1_000)
    expect((await pending).isNew).toBe(true)
    expect(target.events.slice(0, 2)).toMatchObject([
      { kind: 'failed', code: 'ssh.connection_reset', willRetry: true },
      { kind: 'connected', attempt: 2 },
    ])
  })

  test('a refused login is never repeated: one connection, one attempt', async () => {
    const proxy = await newProxy(sshd.port)
    const privateKey = new Secret(ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 }).private)
    const target = sshd.targetFor({ port: proxy.port, login: { kind: 'key', privateKey } })
    await expect(newPool().use(target)).rejects.toMatchObject({ code: 'ssh.auth_failed', attempts: 1 })
    expect(proxy.connections).toBe(1)
    expect(failures(target)).toMatchObject([{ code: 'ssh.auth_failed', attempt: 1, willRetry: false }])
  })

  test('a used-up budget opens no connection and says when the next one may come', async () => {
    const clock = createFakeClock({ startsAt: '2026-03-01T12:00:00Z' })
    const proxy = await newProxy(sshd.port)
    const pool = newPool({ clock })
    const target = sshd.targetFor({ port: proxy.port, connectionsPerHour: 60, hostKeys: [] })
    for (let count = 0; count < 10; count++) {
      await expect(pool.use(target)).rejects.toMatchObject({ code: 'ssh.host_key_unknown' })
    }
    await expect(pool.use(target)).rejects.toMatchObject({
      code: 'ssh.connection_budget',
      retryAt: new Date('2026-03-01T12:01:00Z'),
    })
    expect(proxy.connections).toBe(10)
    // Looking after what runs on a node already is never held up.
    await pool.use({ ...target, connectionsPerHour: 0, hostKeys: [sshd.hostKey] })
  })
})

/** A failure was told, and the pool waits for its next attempt. */
async function untilFailures(target: TestTarget, count: number, clock: FakeClock): Promise<void> {
  while (failures(target).length < count) await new Promise((resolve) => setImmediate(resolve))
  await clock.untilWaiting()
}

describe('addresses', () => {
  test('a node outside the allowed networks is not connected to', async () => {
    const proxy = await newProxy(sshd.port)
    const target = sshd.targetFor({ port: proxy.port })
    const pool = newPool({ allowedNetworks: ['10.0.0.0/8', '0.0.0.0/0'] })
    await expect(pool.use(target)).rejects.toMatchObject({ code: 'ssh.address_not_allowed', attempts: 1 })
    expect(proxy.connections).toBe(0)
    expect(failures(target)).toMatchObject([{ code: 'ssh.address_not_allowed', willRetry: false }])
  })

  test('of several addresses of a name only allowed ones are used, until one answers', async () => {
    const dialled: string[] = []
    const pool = newPool({
      resolve: async () => ['8.8.8.8', '127.0.0.2', '127.0.0.1'],
      dial: (order) => {
        dialled.push(order.address)
        return dialBuiltin(order)
      },
    })
    const lease = await pool.use(sshd.targetFor({ host: 'nas.lan' }))
    expect(lease.connection.address).toBe('127.0.0.1')
    expect(dialled).toEqual(['127.0.0.2', '127.0.0.1'])
  })

  test('a name that changes its mind is judged anew each time it is connected to', async () => {
    const answers = [['127.0.0.1'], ['8.8.8.8']]
    const pool = newPool({ resolve: async () => answers.shift() ?? [] })
    const target = sshd.targetFor({ host: 'rebind.lan' })
    const lease = await pool.use(target)
    lease.release()
    pool.drop(target.poolKey, 'test')
    await expect(pool.use(target)).rejects.toMatchObject({ code: 'ssh.address_not_allowed' })
  })

  test('an unknown name is told at once', async () => {
    const target = sshd.targetFor({ host: 'no-such-name.invalid' })
    const pool = newPool({ resolve: () => Promise.reject(fail('ssh.dns_not_found')) })
    await expect(pool.use(target)).rejects.toMatchObject({ code: 'ssh.dns_not_found', attempts: 1 })
  })
})

describe('fifty connections', () => {
  /** Connections that only have to be there. */
  function createStandIn() {
    const open = new Set<string>()
    const dial: Dial = async ({ target }) => {
      const { promise: closed, resolve } = Promise.withResolvers<string>()
      open.add(target.name)
      const connection: SshConnection = {
        address: '127.0.0.1',
        hostKey: sshd.hostKey,
        closed,
        get isOpen() {
          return open.has(target.name)
        },
        exec: () => Promise.reject(fail('ssh.channel_refused')),
        forward: () => Promise.reject<Duplex>(fail('ssh.jump_failed')),
        close: () => {
          open.delete(target.name)
          resolve('closed')
        },
      }
      return { connection, algorithms: {} }
    }
    return { open, dial }
  }

  const nodes = (count: number) =>
    Array.from({ length: count }, (_, index) => sshd.targetFor({ name: `node ${index}` }))

  test('are the most; the one idle for longest makes way', async () => {
    const clock = createFakeClock()
    const { open, dial } = createStandIn()
    const pool = newPool({ clock, dial })
    const leases = await Promise.all(nodes(50).map((target) => pool.use(target)))
    leases[7]?.release()
    await clock.advance(1_000)
    leases[3]?.release()
    await pool.use(sshd.targetFor({ name: 'one more' }))
    expect(open.size).toBe(50)
    expect([open.has('node 7'), open.has('node 3'), open.has('one more')]).toEqual([false, true, true])
  })

  test('in use let the next one wait until one of them is free', async () => {
    const { open, dial } = createStandIn()
    const pool = newPool({ dial })
    const leases = await Promise.all(nodes(50).map((target) => pool.use(target)))
    const next = pool.use(sshd.targetFor({ name: 'one more' }))
    const stop = new AbortController()
    const impatient = pool.use(sshd.targetFor({ name: 'impatient' }), stop.signal)
    stop.abort(new Error('cancelled'))
    await expect(impatient).rejects.toThrow('cancelled')
    leases[0]?.release()
    expect((await next).isNew).toBe(true)
    expect([...open]).toHaveLength(50)
  })
})

describe('a jump host', () => {
  test('is reached through the pool, shared by those behind it, and kept while they need it', async () => {
    const clock = createFakeClock()
    const gate = atEnd(await startSshd(), (one) => one.stop())
    const proxy = await newProxy(gate.port)
    const pool = newPool({ clock })
    const jump = gate.targetFor({ port: proxy.port, name: 'gate' })
    const leases = [
      await pool.use(sshd.targetFor({ jump })),
      await pool.use(sshd.targetFor({ jump })),
    ] as const
    expect(await say(leases[1], 'echo behind')).toBe('behind\n')
    expect(proxy.connections).toBe(1)
    await clock.advance(hours(1))
    expect(pool.isConnected(jump.poolKey)).toBe(true)
    for (const { release } of leases) release()
    await clock.advance(300_000)
    await Promise.all(leases.map(({ connection }) => connection.closed))
    await clock.advance(300_000)
    expect(pool.isConnected(jump.poolKey)).toBe(false)
  })

  test('that cannot be reached is told as its own trouble, and the node behind it is not blamed', async () => {
    const jump = sshd.targetFor({ name: 'gate', hostKeys: [] })
    const target = sshd.targetFor({ jump })
    await expect(newPool().use(target)).rejects.toMatchObject({
      code: 'ssh.host_key_unknown',
      problem: { detail: expect.stringMatching(/^On the jump host gate: /) },
    })
    expect(failures(jump)).toHaveLength(1)
    expect(target.events).toEqual([])
  })

  test('that breaks takes those behind it along', async () => {
    const gate = atEnd(await startSshd(), (one) => one.stop())
    const proxy = await newProxy(gate.port)
    const pool = newPool()
    const lease = await pool.use(sshd.targetFor({ jump: gate.targetFor({ port: proxy.port }) }))
    const channel = await lease.connection.exec('echo started; exec sleep 1000')
    await once(channel.stdout, 'data')
    proxy.cut()
    expect(await channel.ended).toEqual({ code: null, signal: null })
    await lease.connection.closed
  })
})
