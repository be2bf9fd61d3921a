import { isIP, type Socket } from 'node:net'
import { type AppError, fail, isAppError } from '../lib/errors.ts'
import type { Secret } from '../lib/secret.ts'
import type { OutgoingSocket } from './outgoing.ts'
import { whyUntrusted } from './untrusted.ts'

export interface MailServer {
  readonly host: string
  readonly port: number
  /** Anything but `none` refuses to go on unencrypted. */
  readonly security: 'starttls' | 'tls' | 'none'
  readonly login: { readonly username: string; readonly password: Secret } | null
}

export interface Mail {
  readonly id: string
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
}

const stepMs = 10_000
/** Largest answer to one command, bytes. */
const maxAnswer = 65_536

/**
 * Hands one mail in over a connection that was judged. Throws `outgoing.*`, `channel.refused`, `channel.busy` and
 * `channel.not_secure`; of what the other side said there is the number alone.
 */
export async function sendMail(
  open: OutgoingSocket,
  { host, port, security, login }: MailServer,
  { id, from, to, subject, text }: Mail,
  signal?: AbortSignal,
): Promise<void> {
  await open(
    { host, port },
    async (connection) => {
      // Loaded with the first mail: most servers never send one.
      const { default: nodemailer } = await import('nodemailer')
      const transport = nodemailer.createTransport({
        host,
        port,
        name: 'carl.invalid',
        secure: security === 'tls',
        requireTLS: security === 'starttls',
        ignoreTLS: security === 'none',
        // A certificate for an address names it in another way.
        tls: { minVersion: 'TLSv1.2', ...(isIP(host) === 0 && { servername: host }) },
        ...(login && { auth: { user: login.username, pass: login.password.reveal() } }),
        getSocket: (_options: unknown, done: (error: Error | null, socket: { connection: Socket }) => void) =>
          done(null, { connection }),
        greetingTimeout: stepMs,
        socketTimeout: stepMs,
        maxResponseSize: maxAnswer,
        // Nothing that stands in a mail is ever taken for a file or an address to fetch.
        disableFileAccess: true,
        disableUrlAccess: true,
      } as Parameters<typeof nodemailer.createTransport>[0])
      try {
        await transport.sendMail({
          from: { name: 'Carl', address: from },
          to: to.map((address) => ({ name: '', address })),
          subject,
          text,
          textEncoding: 'quoted-printable',
          messageId: `<${id}@carl.invalid>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
        })
      } catch (error) {
        throw toFailure(error, { host, port })
      } finally {
        transport.close()
      }
    },
    signal,
  )
}

function toFailure(error: unknown, { host, port }: { host: string; port: number }): AppError {
  if (isAppError(error)) return error
  const { code = '', responseCode } = error as { code?: string; responseCode?: number; command?: string }
  const where = `${host}:${port}`
  if (code === 'ETLS')
    return fail('channel.not_secure', { detail: `${where} does not encrypt.`, cause: error })
  const why = whyUntrusted(error)
  if (why) {
    return fail('outgoing.not_trusted', { detail: `The certificate of ${where}: ${why}.`, cause: error })
  }
  if (responseCode === undefined) {
    return fail('outgoing.no_answer', { detail: `${where}: ${code || 'no reason'}.`, cause: error })
  }
  const detail = `${where} answered ${responseCode}.`
  return fail(responseCode < 500 ? 'channel.busy' : 'channel.refused', { detail, cause: error })
}
