import type { Readable } from 'node:stream'
import type { Clock } from '../lib/clock.ts'
import type { SshChannel, SshConnection } from './transport.ts'

/** More than this is not kept: a short answer was asked for, and the node may say what it likes. */
export const mostBytes = 65_536

/** What came of a short command. */
export interface Answer {
  /** Null when the link broke or the time was up. */
  readonly exitCode: number | null
  readonly stdout: string
  /** The same as it came, for what is not text of ours. */
  readonly octets: Buffer
  readonly stderr: string
  /** When the text that was waited for came, milliseconds after the start; null when it never came. */
  readonly heardAfterMs: number | null
  readonly ms: number
}

interface Question {
  readonly command: string
  /** Sent at once, and then the end of input. */
  readonly stdin?: string | Buffer
  /** Text on standard output that shows the command has begun. */
  readonly awaited?: string
  /** Hears standard error as a whole every time there is more, and may answer. */
  readonly converse?: (stderr: string, channel: SshChannel) => void
}

interface AskTools {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly withinMs: number
}

/** Runs a short command and keeps what it says. Throws `ssh.*`, or the reason of the signal; slowness is an answer. */
export async function ask(connection: SshConnection, question: Question, tools: AskTools): Promise<Answer> {
  const { clock, signal, withinMs } = tools
  signal.throwIfAborted()
  const startedAt = clock.monotonicMs()
  const channel = await connection.exec(question.command)
  let heardAfterMs: number | null = null
  // A channel that closes while we write is told by its end; without a listener it would end this process.
  channel.stdin.on('error', () => {})
  const stdout = collect(channel.stdout, (text) => {
    if (question.awaited && text.includes(question.awaited)) heardAfterMs ??= clock.monotonicMs() - startedAt
  })
  const stderr = collect(channel.stderr, (text) => question.converse?.(text, channel))
  if (question.stdin !== undefined) channel.stdin.end(question.stdin)

  const { promise: givenUp, resolve: giveUp } = Promise.withResolvers<null>()
  const stop = () => {
    channel.close()
    giveUp(null)
  }
  const callOff = clock.after(withinMs, stop)
  signal.addEventListener('abort', stop, { once: true })
  try {
    const ended = await Promise.race([Promise.all([channel.ended, stdout.ended, stderr.ended]), givenUp])
    signal.throwIfAborted()
    const exitCode = ended?.[0].code ?? null
    return {
      exitCode,
      stdout: stdout.text(),
      octets: stdout.octets(),
      stderr: stderr.text(),
      heardAfterMs,
      ms: clock.monotonicMs() - startedAt,
    }
  } finally {
    callOff()
    signal.removeEventListener('abort', stop)
  }
}

function collect(stream: Readable, hear: (text: string) => void) {
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  let octets = Buffer.alloc(0)
  const text = () => octets.toString('utf8')
  stream.on('data', (chunk: Buffer) => {
    if (octets.length >= mostBytes) return
    octets = Buffer.concat([octets, chunk]).subarray(0, mostBytes)
    hear(text())
  })
  stream.once('error', () => resolve())
  stream.once('close', () => resolve())
  stream.once('end', () => resolve())
  return { ended, text, octets: () => octets }
}
