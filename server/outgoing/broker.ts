import type { Socket } from 'node:net'
import { once } from 'node:events'
import { connect as connectTls } from 'node:tls'
import type { Packet } from 'mqtt-packet'
import { fail, toMessage } from '../lib/errors.ts'
import type { Secret } from '../lib/secret.ts'
import type { OutgoingSocket } from './outgoing.ts'
import { whyUntrusted } from './untrusted.ts'

type Mqtt = typeof import('mqtt-packet')

export interface Broker {
  readonly host: string
  readonly port: number
  readonly isEncrypted: boolean
  readonly clientId: string
  readonly login: { readonly username: string; readonly password: Secret | null } | null
}

export interface Publication {
  readonly topic: string
  readonly payload: string
  /** Whether the broker keeps it for whoever comes later. */
  readonly retain: boolean
}

/** A broker answers with a few bytes; whatever sends more is none. */
const maxBytes = 65_536

/**
 * Publishes all of it over one connection, each acknowledged by the broker before the next, and leaves. Throws
 * `outgoing.*` and `channel.refused`.
 */
export async function publish(
  open: OutgoingSocket,
  broker: Broker,
  publications: readonly Publication[],
  signal?: AbortSignal,
): Promise<void> {
  const { host, port, isEncrypted, clientId, login } = broker
  // Most servers never speak with a broker.
  const { default: mqtt } = await import('mqtt-packet')
  await open(
    { host, port },
    async (socket) => {
      const stream = isEncrypted ? await encrypt(socket, host) : socket
      const talk = converse(stream, mqtt)
      const said = await talk({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId,
        keepalive: 30,
        ...(login && { username: login.username }),
        ...(login?.password && { password: Buffer.from(login.password.reveal()) }),
      })
      if (said.cmd !== 'connack' || said.returnCode !== 0) {
        const why = said.cmd === 'connack' ? (refusals[said.returnCode ?? 0] ?? 'said no') : 'is no broker'
        throw fail('channel.refused', { detail: `${host}:${port} ${why}.` })
      }
      let messageId = 0
      for (const { topic, payload, retain } of publications) {
        messageId += 1
        const answer = await talk({ cmd: 'publish', topic, payload, retain, qos: 1, dup: false, messageId })
        if (answer.cmd !== 'puback' || answer.messageId !== messageId) {
          throw fail('channel.refused', { detail: `${host}:${port} did not take ${topic}.` })
        }
      }
      stream.end(mqtt.generate({ cmd: 'disconnect' }))
    },
    signal,
  )
}

/** What MQTT 3.1.1 says of a connection that is not taken. */
const refusals: Readonly<Record<number, string>> = {
  1: 'does not speak MQTT 3.1.1',
  2: 'does not take this name of a client',
  3: 'is out of order',
  4: 'does not know this name and password',
  5: 'does not let us in',
}

async function encrypt(socket: Socket, host: string): Promise<Socket> {
  const secured = connectTls({ socket, host, minVersion: 'TLSv1.2' })
  try {
    await once(secured, 'secureConnect')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : toMessage(error)
    const why = whyUntrusted(error)
    throw fail(why ? 'outgoing.not_trusted' : 'outgoing.no_answer', {
      detail: `${host}: ${why ?? code}.`,
      cause: error,
    })
  }
  secured.on('error', () => {})
  return secured
}

/** Says one packet and resolves with the one that answers. */
function converse(stream: Socket, mqtt: Mqtt): (packet: Packet) => Promise<Packet> {
  const parser = mqtt.parser({ protocolVersion: 4 })
  let waiting: PromiseWithResolvers<Packet> | null = null
  let bytes = 0
  const giveUp = (why: string, cause?: unknown) => {
    waiting?.reject(fail('outgoing.no_answer', { detail: `The broker ${why}.`, cause }))
    stream.destroy()
  }
  parser.on('packet', (packet: Packet) => waiting?.resolve(packet))
  parser.on('error', (error: unknown) => giveUp('does not speak MQTT', error))
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxBytes) giveUp('sent more than a broker does')
    else parser.parse(chunk)
  })
  stream.on('error', (error: unknown) => giveUp('went away', error))
  stream.on('close', () => giveUp('hung up'))
  return (packet) => {
    waiting = Promise.withResolvers<Packet>()
    // Whoever is called off before the answer comes listens no more.
    waiting.promise.catch(() => {})
    stream.write(mqtt.generate(packet))
    return waiting.promise
  }
}
