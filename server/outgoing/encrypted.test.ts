import { once } from 'node:events'
import { connect } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Authority, makeAuthority } from '../../testbed/certificates.ts'
import { startBroker, startMailTarget } from '../../testbed/message-targets.ts'
import { publish } from './broker.ts'
import { type MailServer, sendMail } from './mail.ts'
import type { OutgoingSocket } from './outgoing.ts'

/** Mail and MQTT over TLS, to real servers whose certificates an authority of our own has signed. */

const usual = getCACertificates('default')
let home: Authority
let stranger: Authority
const open: { stop(): Promise<void> }[] = []

beforeAll(() => {
  home = makeAuthority()
  stranger = makeAuthority()
  // As NODE_EXTRA_CA_CERTS does for a server that is started with it.
  setDefaultCACertificates([...usual, home.ca])
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop()
})
afterAll(() => setDefaultCACertificates(usual))

/** Whom it leads to was judged elsewhere; here it is this machine. */
const way: OutgoingSocket = async ({ port }, use) => {
  const socket = connect({ port, host: '127.0.0.1' })
  await once(socket, 'connect')
  try {
    return await use(socket, new AbortController().signal)
  } finally {
    socket.destroy()
  }
}
const mine = () => home.issue('DNS:mail.home.lan', 'IP:127.0.0.1')
const mail = { id: 'dlv_1', from: 'carl@home.lan', to: ['anna@home.lan'], subject: 'Hello', text: 'There.' }

describe.each([
  { security: 'tls', from: 'the-start' },
  { security: 'starttls', from: 'starttls' },
] as const)('mail with $security', ({ security, from }) => {
  async function send(identity: ReturnType<typeof mine>, host: string): Promise<boolean[]> {
    const target = await startMailTarget({ tls: { ...identity, from } })
    open.push(target)
    const server: MailServer = { host, port: target.port, security, login: null }
    await sendMail(way, server, mail)
    return target.mails.map(({ isEncrypted }) => isEncrypted)
  }

  test.each(['mail.home.lan', '127.0.0.1'])('arrives encrypted at %s', async (host) => {
    expect(await send(mine(), host)).toEqual([true])
  })

  test('is not sent to who is called otherwise', async () => {
    await expect(send(home.issue('DNS:other.home.lan'), 'mail.home.lan')).rejects.toMatchObject({
      code: 'outgoing.not_trusted',
    })
  })

  test('is not sent to whom nobody vouches for', async () => {
    await expect(send(stranger.issue('DNS:mail.home.lan'), 'mail.home.lan')).rejects.toMatchObject({
      code: 'outgoing.not_trusted',
    })
  })
})

test('mail that must be encrypted is not sent to a server that cannot', async () => {
  const target = await startMailTarget()
  open.push(target)
  const server: MailServer = { host: 'mail.home.lan', port: target.port, security: 'starttls', login: null }
  await expect(sendMail(way, server, mail)).rejects.toMatchObject({ code: 'channel.not_secure' })
  expect(target.mails).toEqual([])
})

describe('MQTT over TLS', () => {
  async function tell(identity: ReturnType<typeof mine>, host: string) {
    const broker = await startBroker({ tls: identity })
    open.push(broker)
    const to = { host, port: broker.port, isEncrypted: true, clientId: 'carl', login: null }
    await publish(way, to, [{ topic: 'carl/server', payload: '1', retain: true }])
    return broker.published
  }

  test.each(['mail.home.lan', '127.0.0.1'])('arrives at %s', async (host) => {
    expect(await tell(mine(), host)).toEqual([{ topic: 'carl/server', payload: '1', retain: true }])
  })

  test('is not told to who is called otherwise, nor to whom nobody vouches for', async () => {
    for (const identity of [home.issue('DNS:other.home.lan'), stranger.issue('DNS:mail.home.lan')]) {
      await expect(tell(identity, 'mail.home.lan')).rejects.toMatchObject({ code: 'outgoing.not_trusted' })
    }
  })
})
