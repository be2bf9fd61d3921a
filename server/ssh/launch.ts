import { randomBytes } from 'node:crypto'
import { type AgentConfig, protocolLimits } from '../../contract/agent-protocol.ts'
import type { Clock } from '../lib/clock.ts'
import { AppError, fail } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { Secret } from '../lib/secret.ts'
import type { PackedModules } from './bundle-payload.ts'
import { asRoot, finderCommand, readyMark, startFailureOf, sudoPrompt } from './finder.ts'
import { type Noise, readFrames } from './frame-stream.ts'
import type { Frame } from './frames.ts'
import { supervisor } from './node-programs.ts'
import type { SshChannel, SshConnection } from './transport.ts'

export type { Noise }
export type HelloFrame = Extract<Frame, { t: 'hello' }>

/** How long the agent may take to say hello, milliseconds: slow login scripts of eight seconds were seen. */
const helloWithinMs = 15_000
/** The node hears from us this often, and gives up after `silenceLimitS`. */
const heartbeatMs = 5_000
const silenceLimitS = 30
/** We give the node up after this long without a byte: nine of its heartbeats. */
const deafAfterMs = 45_000
/** Lines outside the protocol that are kept to explain a start that failed. */
const mostNoise = 50

/** What is started on a node. */
export interface LaunchOrder {
  readonly runId: string
  readonly payload: PackedModules
  /**
   * What the agent is told. Called while the node looks for its Python and before anything of the run leaves: whatever
   * has to be on disk by then is written here. If it throws, nothing is started.
   */
  configure(): Promise<AgentConfig | Record<string, unknown>>
  readonly timeoutS: number
  readonly graceS: number
  /** How long it goes on without us, seconds; 0: it stops at once. */
  readonly leaseS: number
  readonly elevation: 'none' | 'commands' | 'root'
  readonly sudoPassword: Secret | null
  readonly pythonHint: string | null
}

/** A run that is out there already. */
export interface AttachOrder {
  readonly runId: string
  /** Number of the last frame that is here. */
  readonly after: number
  readonly elevation: LaunchOrder['elevation']
  readonly sudoPassword: Secret | null
  readonly pythonHint: string | null
}

export interface LaunchTools {
  readonly clock: Clock
  readonly logger: Logger
  /** Gives up waiting for the hello. A run that has started is stopped through its visit. */
  readonly signal?: AbortSignal
  /** How long the node waits for a word from us before it stops the run, seconds; for tests, which cannot wait. */
  readonly silenceLimitS?: number
}

export type VisitEnd =
  /** The supervisor said its last word. */
  | { readonly kind: 'ended'; readonly frame: Extract<Frame, { t: 'end' }> }
  /** There is no such run (any more), or it broke the protocol. */
  | { readonly kind: 'lost'; readonly why: string }
  /** The connection broke; a resumable run goes on out there. */
  | { readonly kind: 'link-lost' }

/** The agent was sent, and nobody heard whether it started: it may run. */
export class StartUnheard extends AppError {}

/** Being with a run: hearing what it says, telling it what we want. */
export interface Visit {
  /** What the supervisor said first; null when we came later. */
  readonly hello: HelloFrame | null
  /** Everything after the hello, in order, each once. Read it to its end, then see `ended`. */
  readonly frames: AsyncIterable<Frame | Noise>
  readonly ended: Promise<VisitEnd>
  /** Asks the run to stop, with everything it started. */
  cancel(): void
  /** Leaves; a resumable run goes on, any other stops. */
  detach(): void
  /** Tells the node that it may forget the run. Says whether it heard that; false also when the link broke meanwhile. */
  ack(): Promise<boolean>
}

/**
 * Carries an agent to a node and starts it there. Resolves with the hello of the supervisor; throws `launch.*`,
 * `sudo.*` or `ssh.*` when it did not come to that. Then nothing runs on the node, unless it is a `StartUnheard`.
 */
export async function launch(connection: SshConnection, order: LaunchOrder, tools: LaunchTools) {
  const nonce = newNonce()
  const toSend = async () => {
    const header = {
      nonce,
      run: order.runId,
      len: order.payload.payload.length,
      sha256: order.payload.sha256,
      config: await order.configure(),
      timeout: order.timeoutS,
      grace: order.graceS,
      lease: order.leaseS,
      hb: tools.silenceLimitS ?? silenceLimitS,
      head: protocolLimits.headBytes,
      tail: protocolLimits.tailBytes,
      messages: protocolLimits.messages,
      message_bytes: protocolLimits.messageBytes,
    }
    const program = order.leaseS > 0 ? supervisor.resumable : supervisor.plain
    return Buffer.concat([prologue(program, header), order.payload.payload])
  }
  // The launcher of a resumable run ends with us, the run does not: it must not be taken for one of the run's own.
  const mark = order.leaseS > 0 ? `L-${order.runId}` : order.runId
  const channel = await open(connection, finderCommand(mark, order.pythonHint), order, toSend)
  const start = await awaitHello(channel, nonce, tools)
  const endOf = (code: number): VisitEnd =>
    // Only our listener is gone, and can be sent again; or everything that listened to the agent.
    order.leaseS > 0
      ? { kind: 'link-lost' }
      : { kind: 'lost', why: `The supervisor on the node ended with exit status ${code}.` }
  const visit = createVisit(channel, start.rest, { after: start.hello.q, endOf }, tools)
  return { ...visit, hello: start.hello }
}

/** Joins a resumable run again. Whether it is there shows in the frames: a `lost` end says it is not. */
export async function attach(
  connection: SshConnection,
  order: AttachOrder,
  tools: LaunchTools,
): Promise<Visit> {
  const nonce = newNonce()
  const toSend = async () =>
    prologue(supervisor.listener, {
      nonce,
      run: order.runId,
      mode: 'attach',
      after: order.after,
      hb: tools.silenceLimitS ?? silenceLimitS,
    })
  const channel = await open(connection, finderCommand(`L-${order.runId}`, order.pythonHint), order, toSend)
  const stderr = collect(channel)
  const endOf = (exitCode: number, heard: Noise[] | null): VisitEnd =>
    heard
      ? { kind: 'lost', why: startFailureOf({ exitCode, stderr: stderr(), noise: textOf(heard) }).detail }
      : { kind: 'link-lost' }
  const visit = createVisit(channel, readFrames(channel.stdout, nonce), { after: order.after, endOf }, tools)
  return { ...visit, hello: null }
}

const newNonce = (): string => randomBytes(12).toString('base64url')

const prologue = (program: Buffer, header: Record<string, unknown>): Buffer =>
  Buffer.concat([program, Buffer.from(`${JSON.stringify(header)}\n`)])

/** Starts the finder and sends everything; a password only when sudo asks for it, and never as an argument. */
async function open(
  connection: SshConnection,
  command: string,
  { elevation, sudoPassword }: Pick<LaunchOrder, 'elevation' | 'sudoPassword'>,
  toSend: () => Promise<Buffer>,
): Promise<SshChannel> {
  const asked = elevation === 'root' ? asRoot(command, sudoPassword !== null) : command
  const channel = await connection.exec(`exec ${asked}`)
  // A channel that closes while we write is told by `ended`; without a listener it would end this process.
  channel.stdin.on('error', () => {})
  const sent = await toSend().catch((error: unknown) => {
    leave(channel)
    throw error
  })
  if (elevation === 'root' && sudoPassword !== null) sendWhenAsked(channel, sudoPassword, sent)
  else channel.stdin.write(sent)
  return channel
}

function sendWhenAsked(channel: SshChannel, password: Secret, sent: Buffer): void {
  let heard = ''
  let isAnswered = false
  const listen = (chunk: Buffer) => {
    heard = (heard + chunk.toString('latin1')).slice(-1_000)
    if (heard.includes(readyMark)) {
      channel.stderr.off('data', listen)
      channel.stdin.write(sent)
    } else if (heard.includes(sudoPrompt)) {
      heard = ''
      // Asked once more means it was wrong. A third time would lock some accounts, so sudo has to go without.
      if (isAnswered) channel.stdin.end()
      else channel.stdin.write(`${password.reveal()}\n`)
      isAnswered = true
    }
  }
  channel.stderr.on('data', listen)
}

async function awaitHello(channel: SshChannel, nonce: string, { clock, signal }: LaunchTools) {
  const stderr = collect(channel)
  const rest = readFrames(channel.stdout, nonce)
  const noise: Noise[] = []
  const { promise: givenUp, resolve } = Promise.withResolvers<{ code: null; signal: null }>()
  let isGivenUp = false
  const giveUp = () => {
    isGivenUp = true
    leave(channel)
    resolve({ code: null, signal: null })
  }
  const callOff = clock.after(helloWithinMs, giveUp)
  signal?.addEventListener('abort', giveUp, { once: true })
  try {
    if (signal?.aborted) giveUp()
    for (;;) {
      const { value, done } = await rest.next()
      if (done) break
      if (value.t === 'hello') return { hello: value, rest }
      if (value.t === 'noise' && noise.length < mostNoise) noise.push(value)
    }
  } catch {
    // A stream that breaks off says no more than one that ends.
  } finally {
    callOff()
    signal?.removeEventListener('abort', giveUp)
  }
  const { code, signal: endedBy } = await Promise.race([channel.ended, givenUp])
  const remains = { exitCode: code, stderr: stderr(), noise: textOf(noise) }
  const failure = startFailureOf(remains)
  if (
    !isGivenUp &&
    code === null &&
    endedBy === null &&
    failure.code === 'launch.no_hello' &&
    !remains.stderr &&
    !remains.noise
  ) {
    throw new StartUnheard('ssh.link_lost', { detail: 'The link broke before the agent started.' })
  }
  if (isGivenUp) throw new StartUnheard(failure.code, { detail: failure.detail })
  throw fail(failure.code, { detail: failure.detail })
}

const textOf = (noise: readonly Noise[]): string => noise.map(({ text }) => text).join('\n')

/** Hangs up. Nothing is read any more either: a peer that is gone would never confirm the end. */
function leave(channel: SshChannel): void {
  channel.close()
  channel.stdout.destroy()
}

/** Keeps the end of what the node says on standard error. */
function collect(channel: SshChannel): () => string {
  let text = ''
  channel.stderr.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-8_192)
  })
  return () => text.replaceAll(sudoPrompt, '').replaceAll(readyMark, '')
}

interface Listening {
  /** Number of the last frame that is here. */
  readonly after: number
  /** What it means that the far side ended by itself, without an end of the run; `heard` when it was noise alone. */
  readonly endOf: (exitCode: number, heard: Noise[] | null) => VisitEnd
}

function createVisit(
  channel: SshChannel,
  source: AsyncGenerator<Frame | Noise, void>,
  { after, endOf }: Listening,
  { clock, logger }: LaunchTools,
): Omit<Visit, 'hello'> {
  const { promise: ended, resolve: end } = Promise.withResolvers<VisitEnd>()
  let heardAt = clock.monotonicMs()
  let callOff = clock.after(heartbeatMs, beat)
  const tell = (line: string) => {
    if (channel.stdin.writable) channel.stdin.write(line)
  }

  function beat(): void {
    if (clock.monotonicMs() - heardAt > deafAfterMs) return leave(channel)
    tell('\n')
    callOff = clock.after(heartbeatMs, beat)
  }

  async function* frames(): AsyncGenerator<Frame | Noise, void> {
    let last = after
    let noise: Noise[] | null = []
    let how: VisitEnd = { kind: 'link-lost' }
    try {
      for await (const item of source) {
        heardAt = clock.monotonicMs()
        if (item.t === 'noise') {
          if (noise && noise.length < mostNoise) noise.push(item)
          yield item
          continue
        }
        noise = null
        if (item.t === 'lost') {
          how = { kind: 'lost', why: item.why }
          return
        }
        if (item.q === 0) continue
        if (item.q !== last + 1) {
          how = { kind: 'lost', why: `The node broke the protocol: frame ${item.q} came after ${last}.` }
          return
        }
        last = item.q
        yield item
        if (item.t === 'end') {
          how = { kind: 'ended', frame: item }
          return
        }
      }
      const { code } = await channel.ended
      if (code !== null) how = endOf(code, noise)
    } catch (error) {
      // A stream that breaks is the link breaking; which way it broke is for the log.
      logger.debug({ err: error }, 'stream of a run broke')
    } finally {
      callOff()
      end(how)
      if (how.kind === 'ended') channel.stdout.resume()
      else channel.close()
    }
  }

  return {
    frames: frames(),
    ended,
    cancel: () => tell('{"t":"cancel"}\n'),
    detach: () => leave(channel),
    ack: async () => {
      tell('{"t":"ack"}\n')
      const { code } = await channel.ended
      return code === 0
    },
  }
}
