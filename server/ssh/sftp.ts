import type { Socket } from 'node:net'
import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import ssh2, { type SFTPWrapper } from 'ssh2'
import { fail, isAppError, toMessage } from '../lib/errors.ts'
import { hostKeyOf } from './host-key.ts'
import { printable } from './probe.ts'
import type { HostKeyBlob, Login } from './transport.ts'

/** Files of an SFTP server, below one folder. */
export interface SftpFolder {
  list(): Promise<string[]>
  /** Whole under its name, or not at all. */
  put(name: string, file: string, onBytes: (bytes: number) => void): Promise<void>
  get(name: string, file: string, onBytes: (bytes: number) => void): Promise<void>
  remove(name: string): Promise<void>
}

interface SftpOrder {
  readonly username: string
  readonly login: Login
  readonly folder: string
  /** Says whether a host key is the right one. */
  readonly isTrusted: (key: HostKeyBlob) => boolean
  readonly signal: AbortSignal
}

/** Greeting, handshake and login together may take this long, milliseconds. */
const loginWithinMs = 20_000

/**
 * Uses a folder of an SFTP server over a connection that is open already, for as long as `use` takes. Throws
 * `own-backup.host_key_unknown` naming the key that was shown, `ssh.auth_failed`, `own-backup.place_refused`, or the reason of the
 * signal.
 */
export async function withSftp<Result>(
  socket: Socket,
  order: SftpOrder,
  use: (folder: SftpFolder) => Promise<Result>,
): Promise<Result> {
  const client = new ssh2.Client()
  const { promise: broken, reject: breakOff } = Promise.withResolvers<never>()
  broken.catch(() => {})
  // Stays for as long as the connection lives: an error without a listener ends the process.
  client.on('error', (error) => breakOff(toRefusal(error)))
  client.on('close', () => breakOff(fail('own-backup.place_refused', { detail: 'The connection broke.' })))
  const onAbort = () => breakOff(order.signal.reason)
  order.signal.addEventListener('abort', onAbort, { once: true })
  try {
    order.signal.throwIfAborted()
    await Promise.race([logIn(client, socket, order, breakOff), broken])
    const sftp = await Promise.race([openSftp(client), broken])
    return await Promise.race([use(filesOf(sftp, order.folder, order.signal)), broken])
  } catch (error) {
    throw order.signal.aborted ? order.signal.reason : isAppError(error) ? error : toRefusal(error)
  } finally {
    order.signal.removeEventListener('abort', onAbort)
    client.end()
    client.destroy()
  }
}

function logIn(
  client: ssh2.Client,
  socket: Socket,
  { username, login, isTrusted }: SftpOrder,
  breakOff: (error: unknown) => void,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  client.once('ready', resolve)
  client.connect({
    sock: socket,
    username,
    ...(login.kind === 'password'
      ? { password: login.password.reveal() }
      : { privateKey: login.privateKey.reveal() }),
    readyTimeout: loginWithinMs,
    keepaliveInterval: 15_000,
    hostVerifier: (blob: Buffer) => {
      const shown = hostKeyOf(blob)
      if (isTrusted(shown)) return true
      breakOff(
        fail('own-backup.host_key_unknown', {
          detail: `The server shows ${shown.type} ${shown.fingerprint}.`,
        }),
      )
      return false
    },
  })
  return promise
}

const openSftp = (client: ssh2.Client): Promise<SFTPWrapper> =>
  new Promise((resolve, reject) => client.sftp((error, sftp) => (error ? reject(error) : resolve(sftp))))

function filesOf(sftp: SFTPWrapper, folder: string, signal: AbortSignal): SftpFolder {
  const at = (name: string) => `${folder.replace(/\/+$/, '')}/${name}`
  const unlink = promisify<string, void>(sftp.unlink.bind(sftp))
  const rename = promisify<string, string, void>(sftp.rename.bind(sftp))
  const size = (path: string) =>
    new Promise<number>((resolve, reject) =>
      sftp.stat(path, (error, stats) => (error ? reject(error) : resolve(stats.size))),
    )

  async function put(name: string, file: string, onBytes: (bytes: number) => void): Promise<void> {
    const draft = at(`${name}.part`)
    await unlink(draft).catch(() => {})
    try {
      let bytes = 0
      await pipeline(
        createReadStream(file, { highWaterMark: 262_144 }),
        async function* counted(content: AsyncIterable<Buffer>) {
          for await (const chunk of content) {
            bytes += chunk.length
            onBytes(chunk.length)
            yield chunk
          }
        },
        sftp.createWriteStream(draft, { mode: 0o600 }),
        { signal },
      )
      const arrived = await size(draft)
      if (arrived !== bytes) throw new Error(`${arrived} of ${bytes} bytes arrived`)
      await rename(draft, at(name))
    } catch (error) {
      await unlink(draft).catch(() => {})
      throw error
    }
  }

  async function get(name: string, file: string, onBytes: (bytes: number) => void): Promise<void> {
    await pipeline(
      sftp.createReadStream(at(name)),
      async function* counted(content: AsyncIterable<Buffer>) {
        for await (const chunk of content) {
          onBytes(chunk.length)
          yield chunk
        }
      },
      createWriteStream(file, { flags: 'wx', mode: 0o600 }),
      { signal },
    )
  }

  const list = () =>
    new Promise<string[]>((resolve, reject) =>
      sftp.readdir(folder, (error, found) =>
        error ? reject(error) : resolve(found.map(({ filename }) => filename)),
      ),
    )

  return { list, put, get, remove: (name) => unlink(at(name)) }
}

/** What the other side says is hostile text: one short line of it. */
function toRefusal(error: unknown) {
  const isLogin = error instanceof Error && 'level' in error && error.level === 'client-authentication'
  if (isLogin) return fail('ssh.auth_failed', { cause: error })
  return fail('own-backup.place_refused', {
    detail: `SFTP: ${printable(toMessage(error)).slice(0, 200)}.`,
    cause: error,
  })
}
