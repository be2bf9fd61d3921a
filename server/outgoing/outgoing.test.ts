import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../testbed/database.ts'
import { createFakeClock, type FakeClock } from '../../testbed/fake-clock.ts'
import { createAudit } from '../audit/audit.ts'
import { newAuditKeys } from '../audit/keys.ts'
import { serverActor } from '../lib/actor.ts'
import { createEvents } from '../lib/events.ts'
import { createLogger } from '../lib/logger.ts'
import { createSettings, type Settings } from '../settings/settings.ts'
import { createOutgoing } from './outgoing.ts'

let base: TestDatabase
let clock: FakeClock
let settings: Settings
let audit: ReturnType<typeof createAudit>
/** What the name server of these tests says; each question takes the next answer, and the last one stays. */
let names: Record<string, string[][]>
let asked: string[]
let heard: string[]
const servers: Server[] = []

beforeEach(async () => {
  clock = createFakeClock()
  base = await testDatabase(clock)
  audit = createAudit({ db: base.db, clock, keys: newAuditKeys() })
  const logger = createLogger('silent')
  settings = await createSettings({ db: base.db, audit, events: createEvents(logger), clock, logger })
  names = {}
  asked = []
  heard = []
})
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
  await base.close()
})

/** A real server on the loopback address; resolves with its port. */
async function listen(answer: RequestListener): Promise<number> {
  const server = createServer((request, reply) => {
    heard.push(`${request.method} ${request.headers.host}${request.url}`)
    answer(request, reply)
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const outgoing = () =>
  createOutgoing({
    db: base.db,
    settings,
    audit,
    clock,
    logger: createLogger('silent'),
    own: () => [],
    resolve: async (host) => {
      asked.push(host)
      const answers = names[host] ?? []
      return (answers.length > 1 ? answers.shift() : answers[0]) ?? []
    },
  })

const allow = (...outgoingHosts: string[]) => settings.change({ outgoingHosts }, serverActor)
const refusal = (code: string) => expect.objectContaining({ code })

describe('a request', () => {
  test('goes to the address that was judged, under the name that was asked for', async () => {
    const port = await listen((_, reply) => reply.setHeader('x-kind', 'idp').end('hello'))
    names['id.home.lan'] = [['127.0.0.1']]
    await allow(`id.home.lan:${port}`)
    const reply = await outgoing().open('sign-in')(`http://id.home.lan:${port}/path?q=1`)
    expect([reply.status, await reply.text(), reply.headers.get('x-kind')]).toEqual([200, 'hello', 'idp'])
    expect(heard).toEqual([`GET id.home.lan:${port}/path?q=1`])
  })

  test('carries method, headers and body as they were given', async () => {
    const port = await listen((request, reply) => {
      let body = ''
      request.on('data', (chunk: Buffer) => void (body += chunk.toString()))
      request.on('end', () => reply.end(JSON.stringify([request.method, request.headers, body])))
    })
    await allow(`127.0.0.1:${port}`)
    const reply = await outgoing().open('sign-in')(`http://127.0.0.1:${port}/token`, {
      method: 'POST',
      headers: { authorization: 'Basic abc' },
      body: new URLSearchParams({ code: 'x y' }),
    })
    const [method, headers, body] = (await reply.json()) as [string, Record<string, string>, string]
    expect([method, body]).toEqual(['POST', 'code=x+y'])
    expect(headers).toMatchObject({
      authorization: 'Basic abc',
      'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
    })
  })

  test('never asks the name server again, so another answer leads nowhere', async () => {
    const good = await listen((_, reply) => reply.end('good'))
    names['two-faced.example'] = [['127.0.0.1'], ['169.254.169.254']]
    await allow(`two-faced.example:${good}`)
    const send = outgoing().open('notification')
    expect(await (await send(`http://two-faced.example:${good}/`)).text()).toBe('good')
    expect(asked).toEqual(['two-faced.example'])
  })

  test('whose name first leads to an ordinary place and then here does not reach here', async () => {
    const port = await listen((_, reply) => reply.end('secret'))
    names['rebinding.example'] = [['192.0.2.200'], ['127.0.0.1']]
    const send = outgoing().open('notification')
    const first = send(`http://rebinding.example:${port}/`).catch((error: unknown) => error)
    await clock.advance(10_000)
    expect(await first).toMatchObject({ code: expect.stringMatching(/^outgoing\.(too_slow|no_answer)$/) })
    await expect(send(`http://rebinding.example:${port}/`)).rejects.toEqual(
      refusal('outgoing.address_not_allowed'),
    )
    expect(heard).toEqual([])
  })

  test.each([
    ['loopback', 'http://127.0.0.1:PORT/'],
    ['loopback in hexadecimal', 'http://0x7f.1:PORT/'],
    ['loopback inside IPv6', 'http://[::ffff:127.0.0.1]:PORT/'],
    ['a name for loopback', 'http://127.0.0.1.nip.io:PORT/'],
  ])('to %s is refused before anything is sent, with a line in the audit trail', async (_what, address) => {
    const port = await listen((_, reply) => reply.end('secret'))
    names['127.0.0.1.nip.io'] = [['127.0.0.1']]
    const send = outgoing().open('notification')
    await expect(send(address.replace('PORT', String(port)))).rejects.toEqual(
      refusal('outgoing.address_not_allowed'),
    )
    expect(heard).toEqual([])
    const { items } = await audit.list({ limit: 1 })
    expect(items).toMatchObject([
      {
        action: 'outgoing.refused',
        detail: { purpose: 'notification', code: 'outgoing.address_not_allowed' },
      },
    ])
  })

  test('in strict mode goes only to hosts that were named', async () => {
    const port = await listen((_, reply) => reply.end('hello'))
    names['id.home.lan'] = [['127.0.0.1']]
    await settings.change({ outgoing: 'strict' }, serverActor)
    const send = outgoing().open('sign-in')
    await expect(send(`http://id.home.lan:${port}/`)).rejects.toEqual(refusal('outgoing.host_not_listed'))
    expect([asked, heard]).toEqual([[], []])
    await allow(`id.home.lan:${port}`)
    expect((await send(`http://id.home.lan:${port}/`)).status).toBe(200)
  })
})

describe('a redirect', () => {
  test('is handed back as it is, not followed', async () => {
    const port = await listen((_, reply) => reply.writeHead(302, { location: '/elsewhere' }).end())
    await allow(`127.0.0.1:${port}`)
    const reply = await outgoing().open('sign-in')(`http://127.0.0.1:${port}/`)
    expect(reply.status).toBe(302)
    expect(heard).toHaveLength(1)
  })

  test.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://[::1]:PORT/',
    'file:///etc/passwd',
    '//0x7f.2:PORT/',
  ])('to %s is refused where redirects are followed', async (location) => {
    const port = await listen((_, reply) =>
      reply.writeHead(302, { location: location.replace('PORT', String(port)) }).end(),
    )
    await allow(`127.0.0.1:${port}`)
    const send = outgoing().open('model', { redirects: 3 })
    await expect(send(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
      code: expect.stringMatching(/^outgoing\.(address|url)_not_allowed$/),
    })
    expect(heard).toHaveLength(1)
  })

  test('is followed so many times, and takes no authorization to another host', async () => {
    const seen: (string | undefined)[] = []
    const port = await listen((request, reply) => {
      seen.push(request.headers.authorization)
      if (request.url === '/') reply.writeHead(302, { location: '/same' }).end()
      else if (request.url === '/same') reply.writeHead(307, { location: `http://b.lan:${port}/other` }).end()
      else reply.end('there')
    })
    names['a.lan'] = names['b.lan'] = [['127.0.0.1']]
    await allow(`a.lan:${port}`, `b.lan:${port}`)
    const init = { headers: { authorization: 'Bearer x' } }
    const desk = outgoing()
    const reply = await desk.open('model', { redirects: 2 })(`http://a.lan:${port}/`, init)
    expect(await reply.text()).toBe('there')
    expect(seen).toEqual(['Bearer x', 'Bearer x', undefined])
    const short = await desk.open('update', { redirects: 1 })(`http://a.lan:${port}/`, init)
    expect(short.status).toBe(307)
  })
})

describe('the other side', () => {
  test('may not say more than fits, and what it said is in no error', async () => {
    const port = await listen((_, reply) => reply.end('canary'.repeat(20_000)))
    await allow(`127.0.0.1:${port}`)
    const problem = await outgoing()
      .open('sign-in')(`http://127.0.0.1:${port}/`)
      .catch((error: unknown) => error)
    expect(problem).toMatchObject({ code: 'outgoing.answer_too_large' })
    expect(JSON.stringify(problem) + String(problem)).not.toContain('canary')
  })

  test('gets ten seconds for all of it, however it drips', async () => {
    const dripping = Promise.withResolvers<void>()
    const port = await listen((_, reply) => {
      reply.write('a')
      dripping.resolve()
    })
    await allow(`127.0.0.1:${port}`)
    const problem = outgoing()
      .open('sign-in')(`http://127.0.0.1:${port}/`)
      .catch((error: unknown) => error)
    await dripping.promise
    await clock.advance(10_000)
    expect(await problem).toMatchObject({ code: 'outgoing.too_slow' })
  })

  test('that hides its length in a compressed reply is not read', async () => {
    const port = await listen((_, reply) => reply.setHeader('content-encoding', 'gzip').end('bomb'))
    await allow(`127.0.0.1:${port}`)
    await expect(outgoing().open('sign-in')(`http://127.0.0.1:${port}/`)).rejects.toEqual(
      refusal('outgoing.no_answer'),
    )
  })

  test('that is not there is told as that', async () => {
    const port = await listen(() => {})
    servers.splice(0)[0]?.close()
    await allow(`127.0.0.1:${port}`)
    await expect(outgoing().open('sign-in')(`http://127.0.0.1:${port}/`)).rejects.toEqual(
      refusal('outgoing.no_answer'),
    )
  })

  test('is let go when whoever asked no longer wants it', async () => {
    const arrived = Promise.withResolvers<void>()
    const port = await listen(() => arrived.resolve())
    await allow(`127.0.0.1:${port}`)
    const leaving = new AbortController()
    const reply = outgoing()
      .open('sign-in')(`http://127.0.0.1:${port}/`, { signal: leaving.signal })
      .catch((error: unknown) => error)
    await arrived.promise
    leaving.abort(new Error('gone'))
    expect(await reply).toMatchObject({ message: 'gone' })
  })
})

describe('the list of what is talked to', () => {
  test('shows hosts that are set up, and how it went last', async () => {
    const port = await listen((_, reply) => reply.writeHead(418).end())
    await allow(`127.0.0.1:${port}`)
    const desk = outgoing()
    const send = desk.open('sign-in', { hosts: () => ['https://id.home.lan/realm', 'nonsense'] })
    const notify = desk.open('notification')
    await send(`http://127.0.0.1:${port}/`)
    await notify('http://[::1]/').catch(() => {})
    expect(await desk.list()).toEqual({
      purposes: ['sign-in', 'notification'],
      items: [
        {
          purpose: 'notification',
          host: '[::1]',
          isAllowed: false,
          lastAt: clock.now().toISOString(),
          lastResult: { code: 'outgoing.address_not_allowed' },
        },
        {
          purpose: 'sign-in',
          host: `127.0.0.1:${port}`,
          isAllowed: true,
          lastAt: clock.now().toISOString(),
          lastResult: { status: 418 },
        },
        { purpose: 'sign-in', host: 'id.home.lan', isAllowed: true, lastAt: null, lastResult: null },
      ],
    })
    await settings.change({ outgoing: 'strict', outgoingHosts: ['[::1]'] }, serverActor)
    expect((await desk.list()).items.map(({ host, isAllowed }) => [host, isAllowed])).toEqual([
      ['[::1]', true],
      [`127.0.0.1:${port}`, false],
      ['id.home.lan', false],
    ])
  })

  test('stays short, whoever sends us around', async () => {
    const send = outgoing().open('notification')
    for (let one = 0; one < 205; one++) {
      await clock.advance(1)
      await send(`http://h${one}.example:22/`).catch(() => {})
    }
    const rows = await base.db.read.selectFrom('outgoing_contact').select('host').execute()
    expect(rows).toHaveLength(200)
    expect(rows.map(({ host }) => host)).not.toContain('h0.example:22')
  })
})
