import { createHash, timingSafeEqual } from 'node:crypto'
import { existsSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import ssh2, { type AuthContext, type Connection, type ParsedKey, type Session } from 'ssh2'
import type { Secret } from '../lib/secret.ts'
import type { HostKeyBlob } from '../ssh/transport.ts'
import { generateKeyPair } from '../vault/ssh-key.ts'
import { type RunningCommand, runCommand, type Surroundings } from './command.ts'

/** This machine, reachable over SSH by one key. */
export interface LoopbackNode {
  /** On 127.0.0.1. */
  readonly port: number
  readonly hostKey: HostKeyBlob
  /** Unencrypted OpenSSH private key, the only one that is let in. */
  readonly privateKey: Secret
  readonly username: string
  /** Ends every command and closes; resolves when nothing of it is left. */
  stop(): Promise<void>
}

/** Somebody who does not log in within this time is sent away, milliseconds. */
const loginWithinMs = 10_000
const mostRefusals = 3
/** How long commands may take to end when the node stops, milliseconds. */
const stopWithinMs = 5_000
/** What login(1) sets on Debian. The server's own PATH, like all its environment, is not for commands. */
const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Starts a small SSH server for the demo: on the loopback address alone, with keys made just now, for one user, the one
 * it runs as. It runs commands; there is no terminal, no forwarding and no file transfer.
 */
export async function startLoopbackNode(): Promise<LoopbackNode> {
  // Not by the SSH library: it damages one ed25519 key in 256, whose public half begins with a zero.
  const [hostKeys, userKeys] = [await generateKeyPair('carl-demo'), await generateKeyPair('carl-demo')]
  const allowedKey = parse(userKeys.publicKey)
  const { username, surroundings } = whoIsThis()
  const connections = new Set<Connection>()
  const sockets = new Set<Socket>()
  const commands = new Set<RunningCommand>()
  let isStopping = false

  const ssh = new ssh2.Server(
    { hostKeys: [hostKeys.privateKey.reveal()], ident: 'carl-demo' },
    (connection) => {
      connections.add(connection)
      const late = setTimeout(() => connection.end(), loginWithinMs)
      let refusals = 0
      // A peer that drops the connection is an ordinary thing; without a listener it would end this process.
      connection.on('error', () => connection.end())
      connection.on('close', () => {
        clearTimeout(late)
        connections.delete(connection)
      })
      connection.on('authentication', (attempt) => {
        if (isAllowed(attempt, username, allowedKey)) return attempt.accept()
        // The first question of every client is which methods there are.
        if (attempt.method !== 'none') refusals++
        attempt.reject(['publickey'])
        if (refusals >= mostRefusals) connection.end()
      })
      connection.on('ready', () => {
        clearTimeout(late)
        connection.on('session', (accept, reject) => (isStopping ? reject() : serve(accept())))
      })
    },
  )

  /** What is not listened to (terminal, environment, subsystem, forwarding) is refused by ssh2 itself. */
  function serve(session: Session): void {
    session.once('exec', (accept, reject, { command }) => {
      if (isStopping) return reject()
      const running = runCommand(command, accept(), surroundings)
      commands.add(running)
      void running.ended.then(() => commands.delete(running))
    })
  }

  // Small packets go at once: waiting to fill them up costs 40 ms and more for each command.
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    ssh.injectSocket(socket)
  })
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(0, '127.0.0.1', resolve)
  await listening

  async function stop(): Promise<void> {
    isStopping = true
    const closed = new Promise<void>((done) => {
      server.close(() => done())
    })
    for (const command of commands) command.stop()
    const late = setTimeout(() => {
      for (const command of commands) command.stop('now')
    }, stopWithinMs)
    await Promise.all([...commands].map(({ ended }) => ended))
    clearTimeout(late)
    for (const connection of connections) connection.end()
    for (const socket of sockets) socket.destroySoon()
    await closed
  }

  return {
    port: (server.address() as AddressInfo).port,
    hostKey: toHostKey(parse(hostKeys.publicKey)),
    privateKey: userKeys.privateKey,
    username,
    stop,
  }
}

/** One user, one key. A first question without a signature only asks whether this key would do. */
function isAllowed(attempt: AuthContext, username: string, allowed: ParsedKey): boolean {
  if (attempt.method !== 'publickey' || attempt.username !== username) return false
  const { key, signature, blob, hashAlgo } = attempt
  const blobs = [key.data, allowed.getPublicSSH()] as const
  if (key.algo !== allowed.type || blobs[0].length !== blobs[1].length || !timingSafeEqual(...blobs))
    return false
  return signature === undefined || (blob !== undefined && allowed.verify(blob, signature, hashAlgo) === true)
}

function whoIsThis(): { username: string; surroundings: Surroundings } {
  const { name, home } = accountOf()
  const folder = existsSync(home) ? home : tmpdir()
  const variables = { HOME: folder, PATH: searchPath, USER: name, LANG: 'C.UTF-8' }
  return { username: name, surroundings: { folder, variables } }
}

/** A container may run as a number without a name; SSH wants one all the same. */
function accountOf(): { name: string; home: string } {
  try {
    const { username, homedir } = userInfo()
    return { name: /^[^\s:@]{1,64}$/.test(username) ? username : 'demo', home: homedir }
  } catch {
    return { name: 'demo', home: tmpdir() }
  }
}

function parse(key: string): ParsedKey {
  const parsed = ssh2.utils.parseKey(key)
  if (parsed instanceof Error) throw parsed
  return parsed
}

function toHostKey(key: ParsedKey): HostKeyBlob {
  const blob = key.getPublicSSH()
  const fingerprint = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
  return { type: key.type, key: blob.toString('base64'), fingerprint }
}
