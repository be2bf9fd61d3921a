import { createHmac } from 'node:crypto'
import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import webPush from 'web-push'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ChannelChange, ChannelKind, ChannelTrial } from '../../contract/notifications.ts'
import {
  type HttpTarget,
  type MailTarget,
  startBroker,
  startHttpTarget,
  startMailTarget,
  type TestBroker,
} from '../../testbed/message-targets.ts'
import { type NotificationFloor, notificationFloor } from '../../testbed/notification-floor.ts'
import { freePort } from '../../testbed/tcp-proxy.ts'
import { serverActor } from '../lib/actor.ts'

/** What every kind of channel promises, held against real servers. */

let floor: NotificationFloor
let http: HttpTarget
let mail: MailTarget
let broker: TestBroker

beforeEach(async () => {
  floor = await notificationFloor()
  ;[http, mail, broker] = await Promise.all([startHttpTarget(), startMailTarget(), startBroker()])
  await floor.allow(`127.0.0.1:${http.port}`, `127.0.0.1:${mail.port}`, `127.0.0.1:${broker.port}`)
})
afterEach(async () => {
  await floor.close()
  await Promise.all([http.stop(), mail.stop(), broker.stop()])
})

type Wanted = Pick<ChannelChange, 'settings' | 'secrets'>

const canary = 'canary-4711-secret'

/** A channel of each kind that goes to a server of this test. */
const to = (port: number): Readonly<Record<Exclude<ChannelKind, 'web-push' | 'email' | 'mqtt'>, Wanted>> => {
  const server = `http://127.0.0.1:${port}`
  const url = `${server}/hook/${canary}`
  return {
    webhook: { settings: { kind: 'webhook' }, secrets: { url, secret: `${canary}-to-sign-with` } },
    discord: { settings: { kind: 'discord' }, secrets: { url } },
    slack: { settings: { kind: 'slack' }, secrets: { url } },
    telegram: {
      settings: { kind: 'telegram', server, chatId: '-1001' },
      secrets: { token: `4711:${canary}` },
    },
    ntfy: { settings: { kind: 'ntfy', server, topic: 'carl' }, secrets: { token: canary } },
    gotify: { settings: { kind: 'gotify', server }, secrets: { token: canary } },
    pushover: { settings: { kind: 'pushover', server }, secrets: { token: canary, user: 'anna' } },
    apprise: { settings: { kind: 'apprise', server, tag: 'all' }, secrets: { configKey: canary } },
    ping: { settings: { kind: 'ping', flavour: 'healthchecks' }, secrets: { url } },
  }
}

const toMail = (changed: object = {}): Wanted => ({
  settings: {
    kind: 'email',
    host: '127.0.0.1',
    port: mail.port,
    security: 'none',
    username: '',
    from: 'carl@home.lan',
    to: ['anna@home.lan'],
    ...changed,
  },
  secrets: {},
})

const toBroker = (changed: object = {}): Wanted => ({
  settings: {
    kind: 'mqtt',
    host: '127.0.0.1',
    port: broker.port,
    security: 'none',
    username: '',
    topic: 'carl',
    discovery: true,
    discoveryPrefix: 'homeassistant',
    ...changed,
  },
  secrets: {},
})

const trial = (wanted: Wanted): Promise<ChannelTrial> =>
  floor.notifications.tryDraft(null, { name: 'x', enabled: true, fallbackId: null, ...wanted }, serverActor)

const kinds = Object.keys(to(1)) as (keyof ReturnType<typeof to>)[]

describe.each(kinds)('%s', (kind) => {
  test('arrives, in the form its server takes', async () => {
    expect(await trial(to(http.port)[kind])).toMatchObject({ isSent: true, problem: null })
    expect(http.heard).toHaveLength(1)
    const [one] = http.heard
    expect({ ...one, headers: named(one?.headers ?? {}), body: readable(one?.body ?? '') }).toMatchSnapshot()
  })

  test.each([
    [400, 'channel.refused'],
    [401, 'channel.refused'],
    [429, 'channel.busy'],
    [503, 'channel.busy'],
  ])('says so when the server answers %i, and repeats nothing of it', async (status, code) => {
    http.answer((reply) => reply.writeHead(status).end('<script>hostile</script>'))
    const { isSent, problem } = await trial(to(http.port)[kind])
    expect([isSent, problem?.code, problem?.detail]).toEqual([false, code, `It answered ${status}.`])
  })

  test('is led nowhere else', async () => {
    http.answer((reply) => reply.writeHead(302, { location: 'http://192.168.1.1/admin' }).end())
    const { problem } = await trial(to(http.port)[kind])
    expect(problem).toMatchObject({
      code: 'channel.refused',
      detail: expect.stringContaining('leads elsewhere'),
    })
    expect(http.heard).toHaveLength(1)
  })

  test('takes no endless answer', async () => {
    http.answer((reply) => {
      const more = () => {
        while (!reply.destroyed && reply.write('x'.repeat(65_536)));
        if (!reply.destroyed) reply.once('drain', more)
      }
      more()
    })
    expect((await trial(to(http.port)[kind])).problem?.code).toBe('outgoing.answer_too_large')
  })

  test('goes to no forbidden address, and to no server that is off', async () => {
    const elsewhere = await freePort()
    expect((await trial(to(elsewhere)[kind])).problem?.code).toBe('outgoing.address_not_allowed')
    await floor.allow(`127.0.0.1:${elsewhere}`)
    expect((await trial(to(elsewhere)[kind])).problem?.code).toBe('outgoing.no_answer')
  })

  test('gives its secrets to nobody but its server', async () => {
    http.answer((reply) => reply.writeHead(500).end(canary))
    const id = await floor.addChannel(to(http.port)[kind])
    const tested = await floor.notifications.test(id, serverActor)
    const state = await floor.notifications.state()
    const rows = await floor.db.read.selectFrom('channel').selectAll().execute()
    const audit = await floor.db.read.selectFrom('audit').selectAll().execute()
    const contacts = await floor.db.read.selectFrom('outgoing_contact').selectAll().execute()
    expect(JSON.stringify({ tested, state, rows, audit, contacts })).not.toContain(canary)
    expect(Buffer.from(rows[0]?.secrets ?? []).toString('latin1')).not.toContain(canary)
  })
})

const named = (headers: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !['host', 'connection', 'content-length', 'accept-encoding'].includes(name))
      .map(([name, value]) => [name, name.startsWith('webhook-') ? '…' : value]),
  )

/** Ids change with each run; what else stands there does not. */
const readable = (body: string) => body.replaceAll(/dlv_[0-9a-z]{26}/g, 'dlv_…').replaceAll(/%26/g, '&')

describe('a webhook', () => {
  test('is signed over id, time and body, so that its program can tell it from others', async () => {
    await trial(to(http.port).webhook)
    const [{ headers, body } = { headers: {}, body: '' }] = http.heard
    const {
      'webhook-id': id,
      'webhook-timestamp': at,
      'webhook-signature': signature,
    } = headers as Record<string, string>
    const mac = createHmac('sha256', `${canary}-to-sign-with`).update(`${id}.${at}.${body}`).digest('base64')
    expect(signature).toBe(`v1,${mac}`)
    expect(Number(at) * 1_000).toBe(floor.clock.now().getTime())
  })
})

describe('e-mail', () => {
  test('arrives as plain text from nobody who could be answered', async () => {
    expect(await trial(toMail())).toMatchObject({ isSent: true })
    expect(mail.mails).toMatchObject([{ from: 'carl@home.lan', to: ['anna@home.lan'] }])
    const raw = mail.mails[0]?.raw ?? ''
    expect(raw).toMatch(/^Subject: \[Carl\] A test message from Carl\r$/m)
    expect(raw).toMatch(/^Auto-Submitted: auto-generated\r$/m)
    expect(raw).toMatch(/^Content-Type: text\/plain; charset=utf-8\r$/m)
  })

  test.each([
    [550, 'channel.refused'],
    [451, 'channel.busy'],
  ])('says so when the server answers %i, and repeats nothing of it', async (status, code) => {
    mail.refuse(status)
    const { problem } = await trial(toMail())
    expect([problem?.code, problem?.detail]).toEqual([code, `127.0.0.1:${mail.port} answered ${status}.`])
  })

  test.each(['starttls', 'tls'] as const)(
    'with %s goes to no server that does not encrypt',
    async (security) => {
      const { isSent, problem } = await trial(toMail({ security }))
      expect(isSent).toBe(false)
      expect(['channel.not_secure', 'outgoing.no_answer']).toContain(problem?.code)
      expect(mail.mails).toEqual([])
    },
  )

  test('signs in where it has to, and says when it may not', async () => {
    const guarded = await startMailTarget({ login: { user: 'carl', password: canary } })
    try {
      await floor.allow(`127.0.0.1:${guarded.port}`)
      const wanted = (password: string): Wanted => ({
        ...toMail({ port: guarded.port, username: 'carl' }),
        secrets: { password },
      })
      expect(await trial(wanted(canary))).toMatchObject({ isSent: true })
      expect((await trial(wanted('wrong'))).problem?.code).toBe('channel.refused')
    } finally {
      await guarded.stop()
    }
  })

  test('goes to no forbidden address, to no other service, and to no server that is off', async () => {
    const port = await freePort()
    expect((await trial(toMail({ port: 25 }))).problem?.code).toBe('outgoing.address_not_allowed')
    expect((await trial(toMail({ host: '192.168.1.20', port: 6379 }))).problem?.code).toBe(
      'outgoing.url_not_allowed',
    )
    await floor.allow(`127.0.0.1:${port}`)
    expect((await trial(toMail({ port }))).problem?.code).toBe('outgoing.no_answer')
  })
})

describe('a broker', () => {
  test('gets an event, by topics that nothing but the settings make', async () => {
    expect(await trial(toBroker())).toMatchObject({ isSent: true })
    expect(broker.published).toMatchObject([{ topic: 'carl/event', retain: false }])
    expect(JSON.parse(broker.published[0]?.payload ?? '')).toMatchObject({ text: 'A test message from Carl' })
  })

  test('that asks for a password gets it, and says no to another', async () => {
    const guarded = await startBroker({ password: canary })
    try {
      await floor.allow(`127.0.0.1:${guarded.port}`)
      const wanted = (password: string): Wanted => ({
        ...toBroker({ port: guarded.port, username: 'carl' }),
        secrets: { password },
      })
      expect(await trial(wanted(canary))).toMatchObject({ isSent: true })
      expect((await trial(wanted('wrong'))).problem?.code).toBe('channel.refused')
    } finally {
      await guarded.stop()
    }
  })

  test.each(['garbage', 'endless'])('that is none and says %s is given up', async (what) => {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => {
        if (what === 'garbage') return socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
        const more = () => {
          while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 0x30)));
          if (!socket.destroyed) socket.once('drain', more)
        }
        more()
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await floor.allow(`127.0.0.1:${port}`)
    const { problem } = await trial(toBroker({ port }))
    expect(['outgoing.no_answer', 'channel.refused']).toContain(problem?.code)
    server.close()
  })

  test('goes to no forbidden address', async () => {
    expect((await trial(toBroker({ port: 1883 }))).problem?.code).toBe('outgoing.address_not_allowed')
  })
})

describe('web push', () => {
  test('says so while no browser has asked for it', async () => {
    expect((await trial({ settings: { kind: 'web-push' }, secrets: {} })).problem?.code).toBe(
      'channel.no_browser',
    )
  })

  test('is encrypted for one browser, and a browser that is gone is forgotten', async () => {
    await floor.addChannel({ settings: { kind: 'web-push' } })
    const userId = await floor.addUser()
    const browser = webPush.generateVAPIDKeys()
    const endpoint = `https://127.0.0.1:${http.port}/push/${canary}`
    const keys = { p256dh: browser.publicKey, auth: 'aaaaaaaaaaaaaaaaaaaaaa' }
    expect(await floor.notifications.subscribe(userId, { endpoint, keys })).toBe(1)
    const rows = await floor.db.read.selectFrom('push_subscription').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(canary)
    // The stand-in speaks no TLS, and nothing is ever sent without.
    expect((await trial({ settings: { kind: 'web-push' }, secrets: {} })).problem?.code).toBe(
      'outgoing.no_answer',
    )
    expect(http.heard).toEqual([])
    expect(await floor.notifications.unsubscribe(userId)).toBe(1)
  })
})
