import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AppError, fail } from '../lib/errors.ts'
import { type Dial, type Dialled, type DialOrder, HostKeyProblem } from './dial.ts'
import { hostKeyOf, isTrusted } from './host-key.ts'
import { serveKey } from './openssh-agent.ts'
import { servePassword } from './openssh-askpass.ts'
import { bridge } from './openssh-bridge.ts'
import { createChannels } from './openssh-channel.ts'
import { closeReasonOf, loginFailureOf } from './openssh-failure.ts'
import { makeOpenSshFolder, removeOpenSshFolder, tellHolder, watchFolder } from './openssh-folder.ts'
import { alias, connectionArguments, sshEnvironment } from './openssh-options.ts'
import { type Progress, progressOf } from './openssh-progress.ts'
import type { HostKeyBlob, Login, SshConnection } from './transport.ts'

/** Handshake and login together may take this long, milliseconds: PAM alone was seen to take five seconds. */
const loginWithinMs = 10_000
/** More of what ssh says is not kept. */
const mostWords = 65_536

/**
 * Reaches a node with the OpenSSH client of this machine, for nodes that ask for what the built-in one cannot do:
 * post-quantum key exchange, UMAC, certificates of host keys. One ssh process holds the connection; the channels are
 * processes that ask it. Neither key nor password is ever on disk, in an argument or in an environment.
 */
export const dialOpenSsh: Dial = async (order) => {
  const { target, address, through } = order
  const folder = makeOpenSshFolder()
  const remove = () => removeOpenSshFolder(folder)
  try {
    const between = through ? await bridge(await through.forward(address, target.port)) : null
    try {
      const at = between ? { address: '127.0.0.1', port: between.port } : { address, port: target.port }
      const dialled = await target.withLogin((login) => logIn(login, folder, at, order))
      void dialled.connection.closed.then(() => {
        between?.close()
        remove()
      })
      return dialled
    } catch (error) {
      between?.close()
      throw error
    }
  } catch (error) {
    remove()
    throw error
  }
}

async function logIn(
  login: Login,
  folder: string,
  at: { address: string; port: number },
  order: DialOrder,
): Promise<Dialled> {
  const { target, clock, signal } = order
  signal.throwIfAborted()
  const { hostKeys, username, legacyAlgorithms } = target
  writeFileSync(
    join(folder, 'known_hosts'),
    hostKeys.map(({ type, key }) => `${alias} ${type} ${key}\n`).join(''),
  )
  const opener = await offer(login, folder)
  const child = spawn(
    'ssh',
    connectionArguments({ folder, ...at, username, login: login.kind, hostKeys, legacyAlgorithms }),
    { stdio: ['ignore', 'ignore', 'pipe'], env: sshEnvironment(opener.environment), detached: true },
  )
  const { promise: isIn, resolve: enter, reject: refuse } = Promise.withResolvers<void>()
  const { promise: gone, resolve: go } = Promise.withResolvers<void>()
  let said = ''
  let progress = progressOf(said)
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-mostWords)
    if (progress.isIn) return
    progress = progressOf(said)
    if (!progress.isIn) return
    // What led to the login does not explain how the connection ended.
    said = ''
    enter()
  })
  child.once('error', (error: NodeJS.ErrnoException) => {
    refuse(error.code === 'ENOENT' ? fail('ssh.openssh_missing') : error)
    go()
  })
  child.once('close', () => {
    refuse(failureOf(said, hostKeys))
    go()
  })
  void opener.stuck.then((code) =>
    refuse(fail(code, { detail: 'The node asks for more than the password.' })),
  )
  const onAbort = () => refuse(signal.reason as Error)
  signal.addEventListener('abort', onAbort, { once: true })
  const callOff = clock.after(loginWithinMs, () => refuse(tooSlow(said)))
  try {
    await isIn
    return toDialled(child, { folder, progress, said: () => said, gone, order })
  } catch (error) {
    child.kill('SIGKILL')
    await gone
    throw error
  } finally {
    callOff()
    signal.removeEventListener('abort', onAbort)
    opener.close()
  }
}

/** Makes the credential available to ssh for this one login. */
async function offer(login: Login, folder: string) {
  if (login.kind === 'password') return servePassword(login.password, folder)
  const agent = await serveKey(login.privateKey, join(folder, 'a'))
  writeFileSync(join(folder, 'id.pub'), `${agent.publicLine}\n`, { mode: 0o600 })
  return { environment: {}, stuck: new Promise<never>(() => {}), close: agent.close }
}

interface Held {
  readonly folder: string
  readonly progress: Progress
  readonly said: () => string
  readonly gone: Promise<void>
  readonly order: DialOrder
}

function toDialled(child: ChildProcess, { folder, progress, said, gone, order }: Held): Dialled {
  const { hostKey, algorithms } = progress
  // ssh has checked it already; what is not in our own list is not taken all the same.
  if (!hostKey || !isTrusted(hostKey, order.target.hostKeys)) throw fail('ssh.host_key_unknown')
  const watched = watchFolder(folder)
  watched.on('known_hosts', () => {
    const keys = provedKeys(folder)
    if (keys.length > 0) order.target.onEvent({ kind: 'host-keys', keys })
  })
  let isOpen = true
  const { exec, forward, ping } = createChannels(folder, watched.on)
  const closed = gone.then(() => {
    isOpen = false
    watched.close()
    return closeReasonOf(said())
  })
  const connection: SshConnection = {
    address: order.address,
    hostKey,
    exec,
    forward,
    closed,
    get isOpen() {
      return isOpen
    },
    close: () => {
      isOpen = false
      // Asked over its socket: a polite signal may come just before it waits again, and is then heard much later.
      void tellHolder(folder, 'exit').then((isTold) => isTold || child.kill('SIGKILL'))
    },
  }
  return { connection, algorithms, ping }
}

/** The keys in our known_hosts once ssh has written it anew: those the node proved to own after the login. */
function provedKeys(folder: string): HostKeyBlob[] {
  try {
    const lines = readFileSync(join(folder, 'known_hosts'), 'utf8').split('\n')
    return lines.flatMap((line) => {
      const key = line.split(' ')[2]
      return key ? [hostKeyOf(Buffer.from(key, 'base64'))] : []
    })
  } catch {
    // The connection closed meanwhile.
    return []
  }
}

function failureOf(said: string, trusted: readonly HostKeyBlob[]): AppError {
  const { hostKey } = progressOf(said)
  const { code, detail } = loginFailureOf(said)
  if (code !== 'ssh.host_key_unknown' || !hostKey) return fail(code, detail ? { detail } : {})
  const shown = `The node shows ${hostKey.type} ${hostKey.fingerprint}`
  if (trusted.length === 0) return new HostKeyProblem('ssh.host_key_unknown', hostKey, `${shown}.`)
  const known = trusted.map(({ fingerprint }) => fingerprint).join(' or ')
  return new HostKeyProblem('ssh.host_key_changed', hostKey, `${shown}; trusted is ${known}.`)
}

function tooSlow(said: string): AppError {
  const detail = `The login was not done within ${loginWithinMs / 1000} s.`
  // Once the credential is out, another attempt could be another failure on the node.
  return fail(progressOf(said).isTried ? 'ssh.link_lost' : 'ssh.handshake_timeout', { detail })
}
