import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers'
import ssh2, { type Client, type NegotiatedAlgorithms } from 'ssh2'
import type { Clock } from '../lib/clock.ts'
import { type AppError, fail, toMessage } from '../lib/errors.ts'
import { algorithmsFor } from './algorithms.ts'
import { openChannel, ping } from './builtin-channel.ts'
import { createLoginAttempt, type LoginAttempt } from './builtin-login.ts'
import { type Dial, type Dialled, type DialOrder, HostKeyProblem } from './dial.ts'
import { type Phase, toDialFailure } from './dial-failure.ts'
import { listenToFirstBytes } from './first-bytes.ts'
import { hostKeyOf, isTrusted } from './host-key.ts'
import { printable } from './probe.ts'
import { connectWithinMs, openSocket } from './socket.ts'
import type { HostKeyBlob, SshConnection } from './transport.ts'

/**
 * Each step up to the login may take this long, milliseconds: PAM alone was seen to take five seconds, and over a link of
 * two seconds there and back all steps together take twelve.
 */
const stepWithinMs = 10_000
/** A peer that vanished is noticed after the third keepalive without an answer. */
const keepaliveMs = 15_000
const keepalives = 3
const longestBanner = 4_096
/** How long the last bytes may take to leave, milliseconds. */
const goodbyeMs = 1_000

/** Reaches a node with the SSH client that is part of this server. */
export const dialBuiltin: Dial = async (order) => logIn(await openStream(order), order)

async function openStream({ target, address, through, clock, signal }: DialOrder): Promise<Duplex> {
  const { port } = target
  signal.throwIfAborted()
  if (!through) return openSocket({ address, port, clock, signal })
  const { promise: givenUp, reject } = Promise.withResolvers<never>()
  const detail = `${address} port ${port} did not answer the jump host within ${connectWithinMs / 1000} s.`
  const callOff = clock.after(connectWithinMs, () => reject(fail('ssh.connection_timeout', { detail })))
  const onAbort = () => reject(signal.reason as Error)
  signal.addEventListener('abort', onAbort, { once: true })
  const opening = through.forward(address, port)
  try {
    return await Promise.race([opening, givenUp])
  } catch (error) {
    // The stream may still come when nobody waits for it any more.
    opening.then(
      (late) => late.destroy(),
      () => {},
    )
    throw error
  } finally {
    callOff()
    signal.removeEventListener('abort', onAbort)
  }
}

function logIn(stream: Duplex, order: DialOrder): Promise<Dialled> {
  const { target, clock, logger, signal } = order
  const { promise, resolve, reject } = Promise.withResolvers<Dialled>()
  const client = new ssh2.Client()
  const firstBytes = listenToFirstBytes(stream)
  const login = createLoginAttempt(target, {
    refused: () => {
      reject(breakdown('refused', 'client-authentication'))
      // Said goodbye to, the node counts one refused login and not a connection that broke off as well.
      sayGoodbye(client, stream, clock)
    },
    failed: refuse,
  })
  let phase: Phase = 'greeting'
  let isIn = false
  let hostKey: HostKeyBlob | undefined
  let algorithms: Record<string, string> = {}
  let banner = ''
  let lastWords = ''
  const { promise: closed, resolve: tellClosed } = Promise.withResolvers<string>()

  function refuse(error: unknown): void {
    if (isIn) return
    reject(error as Error)
    stream.destroy()
  }

  const onAbort = () => refuse(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  let isOver = false
  let callOff = () => {}
  nextStep()

  function nextStep(): void {
    callOff()
    if (!isOver) callOff = clock.after(stepWithinMs, () => refuse(tooSlow(phase, login)))
  }

  function breakdown(message: string, level = ''): AppError {
    const { isTried, offered, isPartial } = login
    const { port, username } = target
    const text = firstBytes.text()
    return toDialFailure({
      phase,
      message,
      level,
      firstBytes: text,
      port,
      username,
      isTried,
      offered,
      isPartial,
    })
  }

  // Stays for as long as the connection lives: an error without a listener ends the process.
  client.on('error', (error) => {
    lastWords = printable(error.message)
    refuse(breakdown(error.message, error.level))
  })
  client.on('close', () => {
    refuse(breakdown('the node closed it'))
    tellClosed(lastWords || 'the connection was closed')
  })
  client.on('handshake', (negotiated) => {
    if (isIn) return
    phase = 'login'
    nextStep()
    algorithms = toAlgorithms(negotiated)
  })
  client.on('banner', (text) => {
    banner = printable(`${banner} ${text}`).slice(0, longestBanner)
  })
  client.on('change password', () => refuse(fail('ssh.password_expired')))
  client.on('hostkeys', (keys) => {
    // Before the login nothing a server says about its keys counts.
    if (!isIn) return
    target.onEvent({ kind: 'host-keys', keys: keys.map((key) => hostKeyOf(key.getPublicSSH())) })
  })
  client.on('ready', () => {
    if (!hostKey) return refuse(fail('ssh.host_key_unknown'))
    isIn = true
    if (banner) logger.debug({ node: target.name, banner }, 'node showed a banner')
    const connection = toConnection(client, stream, clock, {
      address: addressOf(stream, order),
      hostKey,
      closed,
    })
    resolve({ connection, algorithms, ping: () => ping(client, closed) })
  })

  /** Answers through `verify` alone, with true or false: the library takes any other value, a promise too, for a yes. */
  function verifyHost(blob: Buffer, verify: (isTrue: boolean) => void): void {
    const offered = hostKeyOf(blob)
    phase = 'handshake'
    nextStep()
    const isFine = isTrusted(offered, target.hostKeys)
    if (isFine) hostKey = offered
    else refuse(toHostKeyProblem(offered, target.hostKeys))
    nextTurn(() => verify(isFine === true))
  }

  try {
    client.connect({
      sock: stream as Socket,
      username: target.username,
      algorithms: algorithmsFor(target.hostKeys, target.legacyAlgorithms),
      hostVerifier: verifyHost,
      authHandler: (left, isPartial, answer) => {
        nextStep()
        login.next(left, isPartial, answer)
      },
      readyTimeout: 0,
      keepaliveInterval: keepaliveMs,
      keepaliveCountMax: keepalives,
    })
  } catch (error) {
    refuse(error)
  }
  return promise.finally(() => {
    isOver = true
    callOff()
    signal.removeEventListener('abort', onAbort)
    login.done()
  })
}

function toConnection(
  client: Client,
  stream: Duplex,
  clock: Clock,
  facts: Pick<SshConnection, 'address' | 'hostKey' | 'closed'>,
): SshConnection {
  let isOpen = true
  let isOver = false
  client.on('end', () => {
    isOpen = false
  })
  client.on('close', () => {
    isOpen = false
    isOver = true
  })
  return {
    ...facts,
    exec: (command) => openChannel(client, command, facts.closed),
    forward: (host, port) => forward(client, host, port),
    get isOpen() {
      return isOpen
    },
    close: () => {
      if (isOver) return
      isOpen = false
      isOver = true
      sayGoodbye(client, stream, clock)
    },
  }
}

/** What was written still goes out; a peer that is gone confirms nothing, and is not waited for. */
function sayGoodbye(client: Client, stream: Duplex, clock: Clock): void {
  client.end()
  if (stream instanceof Socket) stream.destroySoon()
  else stream.destroy()
  const callOff = clock.after(goodbyeMs, () => stream.destroy())
  stream.once('close', callOff)
}

async function forward(client: Client, host: string, port: number): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>()
  const refused = (error: unknown) =>
    reject(
      fail('ssh.jump_failed', {
        detail: `${host} port ${port}: ${printable(toMessage(error))}.`,
        cause: error,
      }),
    )
  try {
    client.forwardOut('127.0.0.1', 0, host, port, (error, channel) =>
      error ? refused(error) : resolve(channel),
    )
  } catch (error) {
    throw fail('ssh.link_lost', { cause: error })
  }
  return promise
}

const addressOf = (stream: Duplex, { address }: DialOrder): string =>
  (stream instanceof Socket ? stream.remoteAddress : undefined) ?? address

function toHostKeyProblem(offered: HostKeyBlob, trusted: readonly HostKeyBlob[]): HostKeyProblem {
  if (trusted.length === 0) {
    return new HostKeyProblem(
      'ssh.host_key_unknown',
      offered,
      `The node shows ${offered.type} ${offered.fingerprint}.`,
    )
  }
  const known = trusted.map(({ fingerprint }) => fingerprint).join(' or ')
  const detail = `The node shows ${offered.fingerprint}; trusted is ${known}.`
  return new HostKeyProblem('ssh.host_key_changed', offered, detail)
}

function tooSlow(phase: Phase, { isTried }: LoginAttempt): AppError {
  const detail = `The ${phase} was not done within ${stepWithinMs / 1000} s.`
  // Once the credential is out, another attempt could be another failure on the node.
  return fail(isTried ? 'ssh.link_lost' : 'ssh.handshake_timeout', { detail })
}

const toAlgorithms = ({ kex, serverHostKey, cs }: NegotiatedAlgorithms): Record<string, string> => ({
  kex,
  hostKey: serverHostKey,
  cipher: cs.cipher,
  ...(cs.mac && { mac: cs.mac }),
})
