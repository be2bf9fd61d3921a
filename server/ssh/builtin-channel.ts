import { PassThrough } from 'node:stream'
import type { Client, ClientChannel } from 'ssh2'
import { type AppError, fail, toMessage } from '../lib/errors.ts'
import { printable } from './probe.ts'
import type { SshChannel } from './transport.ts'

type Ended = Awaited<SshChannel['ended']>

/** Opens a session and starts a command in it. `broken` resolves when the connection is gone. */
export async function openChannel(
  client: Client,
  command: string,
  broken: Promise<unknown>,
): Promise<SshChannel> {
  const { promise, resolve, reject } = Promise.withResolvers<SshChannel>()
  try {
    client.exec(command, (error, channel) => {
      if (error) return reject(toChannelFailure(error))
      // In this very turn: a short command may end in the same packet that tells it has begun.
      resolve(toChannel(channel, broken))
    })
  } catch (error) {
    throw fail('ssh.link_lost', { cause: error })
  }
  return promise
}

function toChannel(channel: ClientChannel, broken: Promise<unknown>): SshChannel {
  let how: Ended = { code: null, signal: null }
  const { promise: ended, resolve: end } = Promise.withResolvers<Ended>()
  channel.on('exit', (code: number | null, signal: string | null = null) => {
    how = { code, signal }
  })
  channel.once('close', () => end(how))
  // The library ends all streams of a broken connection as if nothing were wrong; whoever is first tells them apart.
  void broken.then(() => end({ code: null, signal: null }))
  channel.on('error', () => {})
  channel.stderr.on('error', () => {})

  const stdout = new PassThrough()
  channel.pipe(stdout)
  const close = () => {
    channel.close()
    // A channel counts as closed only once everything it said is read; what leads to `stdout` waits while that is full.
    channel.resume()
    channel.stderr.resume()
    stdout.resume()
  }
  stdout.once('close', () => {
    if (!stdout.readableEnded) close()
  })
  return { stdin: channel, stdout, stderr: channel.stderr, ended, close }
}

/** Reason 2 of a refusal is "connect failed", which OpenSSH gives for a session too many (RFC 4254, section 5.1). */
function toChannelFailure(error: Error): AppError {
  const detail = `${printable(toMessage(error))}.`
  if ('reason' in error && error.reason !== '') return fail('ssh.channel_refused', { detail, cause: error })
  if (/unable to exec/i.test(error.message)) {
    return fail('ssh.login_disabled', { detail: 'The node starts no commands for this user.', cause: error })
  }
  return fail('ssh.link_lost', { detail, cause: error })
}

/** Asks for something that is always refused: any answer shows that the far side lives. Throws `ssh.link_lost`. */
export async function ping(client: Client, broken: Promise<unknown>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const lost = () => reject(fail('ssh.link_lost'))
  try {
    client.unforwardIn('127.0.0.1', 1, (error) =>
      error && /no response/i.test(error.message) ? lost() : resolve(),
    )
  } catch {
    lost()
  }
  void broken.then(lost)
  await promise
}
