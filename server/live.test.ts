import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { errorReply } from '../contract/errors.ts'
import type { LogEntry } from '../contract/executions.ts'
import type { ExecutionId, NodeId } from '../contract/ids.ts'
import { createFakeClock } from '../testbed/fake-clock.ts'
import { httpServer, people } from '../testbed/http-server.ts'
import { type LiveClient, openLive, refusedLive } from '../testbed/live-client.ts'
import { fail } from './lib/errors.ts'
import { createEvents } from './lib/events.ts'
import { createLogger } from './lib/logger.ts'
import { createLive } from './live.ts'
import { createTicketOffice } from './live/tickets.ts'

const executionId = `exe_${'0'.repeat(26)}` as ExecutionId
const nodeId = `nod_${'0'.repeat(26)}` as NodeId
const topic = `log:${executionId}` as const
const asAdmin = { authorization: 'Bearer carl_admin' }

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

/** The socket over real HTTP, with a log in memory and a clock that stands still. */
async function liveHouse({ lines = 0, text = 'line' } = {}) {
  const logger = createLogger('silent')
  const events = createEvents(logger)
  const clock = createFakeClock()
  const office = createTicketOffice({ clock, events })
  const log = { entries: [] as LogEntry[], complete: false, reads: 0 }
  const live = createLive({
    events,
    takeTicket: office.take,
    readLog: async (id, after, limit) => {
      log.reads += 1
      if (id.startsWith('exe_1')) throw fail('execution.not_found')
      return {
        items: log.entries.slice(after, after + limit),
        lastSeq: log.entries.length,
        complete: log.complete,
      }
    },
    mayRead: (actor, wanted) => actor.role === 'admin' || wanted !== 'findings',
    clock,
    logger,
  })
  const http = httpServer({ live, config: { basePath: '/lab' } })
  closers.push(http.close)
  const url = `${(await http.listen()).url}/api/v1/live`

  function write(count: number, line = text): void {
    for (let n = 0; n < count; n++) {
      const seq = log.entries.length + 1
      const at = '2026-03-01T12:00:00.000Z'
      log.entries.push({ seq, at, stream: 'out', level: 'info', text: `${line} ${seq}`, message: null })
    }
    events.emit('execution.logged', { executionId, lastSeq: log.entries.length })
  }
  if (lines > 0) write(lines)

  async function join(after?: number): Promise<LiveClient> {
    const client = await openLive(url, asAdmin)
    if (after !== undefined) client.say({ type: 'subscribe', topic, after })
    return client
  }
  return { events, clock, office, log, live, http, url, write, join }
}

const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at)
const changed = (state: 'queued' | 'running') => ({ executionId, nodeId, agentId: 'system-health', state })

describe('opening', () => {
  test('a ticket opens the socket once, and only for thirty seconds', async () => {
    const { office, clock, url } = await liveHouse()
    const ticket = office.create(people.viewer)
    await openLive(`${url}?ticket=${ticket}`)
    expect((await refusedLive(`${url}?ticket=${ticket}`)).status).toBe(401)
    const late = office.create(people.viewer)
    await clock.advance(30_000)
    expect((await refusedLive(`${url}?ticket=${late}`)).status).toBe(401)
  })

  test('a ticket of a session that ended opens nothing', async () => {
    const { office, events, url } = await liveHouse()
    const ticket = office.create(people.viewer)
    const { userId, sessionId } = people.viewer
    if (!userId) throw new Error('the viewer has a user id')
    events.emit('session.ended', { userId, sessionId })
    expect((await refusedLive(`${url}?ticket=${ticket}`)).status).toBe(401)
  })

  const refused: [string, string, Record<string, string>, number, string][] = [
    ['without ticket or token', '', {}, 401, 'auth.required'],
    ['with the session cookie alone', '', { cookie: 'carl=session-admin' }, 401, 'auth.required'],
    ['with a made-up ticket beside a good token', '?ticket=x', asAdmin, 401, 'auth.required'],
    [
      'from a page of another site',
      '',
      { ...asAdmin, origin: 'https://evil.example' },
      403,
      'request.cross_site',
    ],
    ['from a sandboxed frame', '', { ...asAdmin, origin: 'null' }, 403, 'request.cross_site'],
    ['at another path', '/x', asAdmin, 404, 'request.not_found'],
  ]
  test.each(refused)(
    '%s it stays closed, with an ordinary error',
    async (_what, suffix, headers, status, code) => {
      const { url } = await liveHouse()
      const reply = await refusedLive(`${url}${suffix}`, headers)
      expect(reply.status).toBe(status)
      expect(errorReply.parse(JSON.parse(reply.body)).error.code).toBe(code)
      expect(reply.headers['x-content-type-options']).toBe('nosniff')
    },
  )

  test('our own page may open it', async () => {
    const { url } = await liveHouse()
    const { socket } = await openLive(url, { ...asAdmin, origin: new URL(url).origin })
    expect(socket.readyState).toBe(socket.OPEN)
  })

  test('a handshake that is none is refused in our words', async () => {
    const { url } = await liveHouse()
    const { port, pathname } = new URL(url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(
      `GET ${pathname} HTTP/1.1\r\nhost: localhost\r\nauthorization: ${asAdmin.authorization}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
    )
    expect((await socket.toArray()).join('')).toMatch(/^HTTP\/1.1 400 .*"code":"request.malformed"/s)
  })
})

describe('hints', () => {
  test('come numbered without holes, and can be followed on after a break', async () => {
    const { events, join } = await liveHouse()
    const first = await join()
    first.say({ type: 'subscribe', topic: 'executions', after: 0 })
    const { at } = await first.hears('ready')
    events.emit('execution.changed', changed('queued'))
    events.emit('node.changed', { nodeId })
    events.emit('execution.changed', changed('running'))
    await first.hears('hint', ({ n }) => n === at + 2)
    first.socket.terminate()
    events.emit('execution.finished', { executionId, nodeId, agentId: 'system-health', outcome: 'succeeded' })

    const second = await join()
    second.say({ type: 'subscribe', topic: 'executions', after: at + 1 })
    await second.hears('ready')
    expect(second.frames).toMatchObject([
      { type: 'hint', n: at + 2, hint: { kind: 'execution', state: 'running' } },
      { type: 'hint', n: at + 3, hint: { kind: 'execution', state: 'succeeded' } },
      { type: 'ready', at: at + 3 },
    ])
  })

  test('that are no longer kept are named as a gap', async () => {
    const { events, join } = await liveHouse()
    const client = await join()
    client.say({ type: 'subscribe', topic: 'nodes', after: 0 })
    const { at } = await client.hears('ready')
    for (let n = 0; n < 1_200; n++) events.emit('node.changed', { nodeId })
    await client.hears('hint', ({ n }) => n === at + 1_200)

    const late = await join()
    late.say({ type: 'subscribe', topic: 'nodes', after: at + 100 })
    await late.hears('ready')
    expect(late.frames[0]).toEqual({ type: 'gap', topic: 'nodes', from: at + 101, to: at + 1_200 })
    expect(late.frames.filter(({ type }) => type === 'hint')).toEqual([])
  })

  test('of an earlier start of the server are a gap, never mixed up with those of this one', async () => {
    const before = await liveHouse()
    const old = await before.join()
    old.say({ type: 'subscribe', topic: 'nodes', after: 0 })
    const { at } = await old.hears('ready')
    const { events, join, clock } = await liveHouse()
    await clock.advance(1)
    for (let n = 0; n < 5; n++) events.emit('node.changed', { nodeId })
    const client = await join()
    // As much older as a restart takes.
    client.say({ type: 'subscribe', topic: 'nodes', after: at - 1_000 })
    await client.hears('ready')
    expect(client.frames[0]).toMatchObject({ type: 'gap' })
  })

  test('are only for who may read them', async () => {
    const { office, url } = await liveHouse()
    const client = await openLive(`${url}?ticket=${office.create(people.viewer)}`)
    client.say({ type: 'subscribe', topic: 'findings', after: 0 })
    expect(await client.hears('refused')).toMatchObject({ topic: 'findings', code: 'auth.forbidden' })
  })
})

describe('a log', () => {
  test('is sent from the asked number on, then live, then declared complete', async () => {
    const { join, write, log, events } = await liveHouse({ lines: 1_234 })
    const client = await join(200)
    expect(await client.hears('ready')).toEqual({ type: 'ready', topic, at: 1_234 })
    write(3)
    write(2)
    await client.hears('log', ({ entries }) => entries.at(-1)?.seq === 1_239)
    log.complete = true
    events.emit('execution.finished', { executionId, nodeId, agentId: 'system-health', outcome: 'succeeded' })
    expect(await client.hears('complete')).toEqual({ type: 'complete', topic, lastSeq: 1_239 })
    expect(client.seqs()).toEqual(upTo(201, 1_239))
  })

  test('that is cut again and again arrives without loss or repetition', async () => {
    const { join, write } = await liveHouse()
    const seen: number[] = []
    for (let cut = 1; cut <= 20; cut++) {
      const client = await join(seen.at(-1) ?? 0)
      write(137)
      await client.hears('log', ({ entries }) => (entries.at(-1)?.seq ?? 0) > (cut - 1) * 137 + 50)
      client.socket.terminate()
      seen.push(...client.seqs())
    }
    const last = await join(seen.at(-1) ?? 0)
    await last.hears('ready')
    seen.push(...last.seqs())
    expect(seen).toEqual(upTo(1, 20 * 137))
  })

  test('is numbered by the log, whatever number a client claims to have', async () => {
    const { join, write } = await liveHouse({ lines: 10 })
    const client = await join(1_000)
    await client.hears('ready')
    write(2)
    await client.hears('log')
    expect(client.seqs()).toEqual([11, 12])
  })

  test('with huge entries travels in frames of about a quarter MiB', async () => {
    const { join } = await liveHouse({ lines: 40, text: 'x'.repeat(100_000) })
    const client = await join(0)
    await client.hears('ready')
    const sizes = client.frames.map((frame) => JSON.stringify(frame).length)
    expect(Math.max(...sizes)).toBeLessThan(270_000)
    expect(client.seqs()).toEqual(upTo(1, 40))
  })

  test('that does not exist is refused, and the socket stays', async () => {
    const { join } = await liveHouse()
    const client = await join()
    client.say({ type: 'subscribe', topic: `log:exe_${'1'.repeat(26)}` as typeof topic, after: 0 })
    expect(await client.hears('refused')).toMatchObject({ code: 'execution.not_found' })
    client.say({ type: 'ping' })
    await client.hears('pong')
  })

  test('is no longer sent after leaving it', async () => {
    const { join, write, live } = await liveHouse({ lines: 1 })
    const client = await join(0)
    await client.hears('ready')
    client.say({ type: 'unsubscribe', topic })
    client.say({ type: 'ping' })
    await client.hears('pong')
    write(5)
    client.say({ type: 'subscribe', topic: 'nodes', after: 0 })
    await client.hears('ready', (frame) => frame.topic === 'nodes')
    expect(client.seqs()).toEqual([1])
    expect(live.counts().logs).toBe(0)
  })

  test('reaches 200 clients, each whole, with one read for all of them', async () => {
    const { join, write, log } = await liveHouse()
    const clients = await Promise.all(Array.from({ length: 200 }, () => join(0)))
    await Promise.all(clients.map((client) => client.hears('ready')))
    const readsBefore = log.reads
    for (let round = 1; round <= 10; round++) {
      write(20)
      await Promise.all(
        clients.map((one) => one.hears('log', ({ entries }) => entries.at(-1)?.seq === round * 20)),
      )
    }
    for (const client of clients) expect(client.seqs()).toEqual(upTo(1, 200))
    expect(log.reads - readsBefore).toBeLessThan(60)
    for (const { socket } of clients) socket.terminate()
  })
})

describe('a client that does not read', () => {
  test('gets a gap and goes on near the end, while the server keeps next to nothing for it', async () => {
    const { join, write, live, clock } = await liveHouse({ text: 'x'.repeat(1_000) })
    const client = await join(0)
    await client.hears('ready')
    client.socket.pause()
    let mostWaiting = 0
    // 60 MB, far more than all buffers of the kernel take.
    for (let round = 0; round < 60; round++) {
      write(1_000)
      await clock.advance(100)
      mostWaiting = Math.max(mostWaiting, live.waitingBytes())
    }
    client.socket.resume()
    const gap = await client.hears('gap')
    await client.hears('log', ({ entries }) => entries.at(-1)?.seq === 60_000)
    expect(mostWaiting).toBeLessThan(1024 * 1024)
    expect(client.seqs()).toEqual([...upTo(1, gap.from - 1), ...upTo(gap.to + 1, 60_000)])
  })

  test('is let go when it gives no sign for a minute; its log goes on', async () => {
    const { join, write, live, clock } = await liveHouse()
    const client = await join(0)
    await client.hears('ready')
    client.socket.pause()
    await clock.advance(30_000)
    expect(live.counts().connections).toBe(1)
    const gone = once(client.socket, 'close')
    await clock.advance(30_000)
    client.socket.resume()
    await gone
    const other = await join(0)
    write(1)
    await other.hears('log')
  })

  test('but asks and asks is cut off', async () => {
    const { join } = await liveHouse()
    const client = await join()
    for (let n = 0; n < 300; n++) client.say({ type: 'ping' })
    expect(await client.closed).toBe(1008)
  })
})

describe('a client that says', () => {
  test.each(['', '{', '[]', '{"type":"run","command":"x"}', '{"type":"subscribe","topic":"secrets"}'])(
    '%s is told that it is no frame',
    async (text) => {
      const { join } = await liveHouse()
      const client = await join()
      client.socket.send(text)
      expect(await client.hears('refused')).toMatchObject({ code: 'request.invalid' })
    },
  )

  test('more than a frame can hold is cut off', async () => {
    const { join } = await liveHouse()
    const client = await join()
    client.socket.send('x'.repeat(5_000))
    expect(await client.closed).toBe(1009)
  })

  test('more than 50 topics is refused the rest', async () => {
    const { join } = await liveHouse()
    const client = await join()
    for (let n = 10; n < 61; n++) {
      client.say({
        type: 'subscribe',
        topic: `log:exe_${String(n).padStart(26, '0')}` as typeof topic,
        after: 0,
      })
    }
    const refused = await client.hears('refused')
    expect(refused).toMatchObject({ code: 'request.rate_limited' })
  })
})

describe('ending', () => {
  test('the sockets of a session close with it, and no others', async () => {
    const { office, events, url } = await liveHouse()
    const mine = await openLive(`${url}?ticket=${office.create(people.admin)}`)
    const others = await openLive(`${url}?ticket=${office.create(people.viewer)}`)
    const { userId, sessionId } = people.admin
    if (!userId) throw new Error('the admin has a user id')
    events.emit('session.ended', { userId, sessionId })
    expect(await mine.closed).toBe(1008)
    others.say({ type: 'ping' })
    await others.hears('pong')
  })

  test('all sockets of a user close when all sessions end, those of tokens too', async () => {
    const { office, events, url, join } = await liveHouse()
    const clients = [await openLive(`${url}?ticket=${office.create(people.admin)}`), await join()]
    const { userId } = people.admin
    if (!userId) throw new Error('the admin has a user id')
    events.emit('session.ended', { userId, sessionId: null })
    expect(await Promise.all(clients.map(({ closed }) => closed))).toEqual([1008, 1008])
  })

  test('a server that stops says so and does not wait for its clients', async () => {
    const { http, join } = await liveHouse()
    const client = await join(0)
    await http.close()
    expect(await client.closed).toBe(1001)
  })

  test('closing a socket changes nothing but the socket', async () => {
    const { events, join, live } = await liveHouse({ lines: 3 })
    const told: string[] = []
    events.on('execution.changed', 'test', () => void told.push('changed'))
    const client = await join(0)
    await client.hears('ready')
    client.socket.close()
    await client.closed
    expect(told).toEqual([])
    expect(live.counts()).toEqual({ connections: 0, logs: 0 })
  })
})
