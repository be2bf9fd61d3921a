import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { end, run } from './program.ts'

/** Nodes of one real OpenSSH server on the loopback: each a port of its own, and so a connection of its own. */
export interface SshNodes {
  readonly username: string
  readonly ports: readonly number[]
  readonly privateKeyFile: string
  readonly hostKey: { readonly type: string; readonly key: string; readonly fingerprint: string }
  /** What every OpenSSH client of a peer is called with: nothing of the user's own configuration. */
  readonly clientOptions: readonly string[]
  /** A control socket for each node, open, by place. */
  readonly controlSockets: readonly string[]
  stop(): Promise<void>
}

/**
 * Starts them in `folder`. Logins find a clean home: a remote command runs the user's `.bashrc`, and with one that
 * takes long, every way of reaching a node looks the same.
 */
export async function startNodes(folder: string, count: number): Promise<SshNodes> {
  const home = join(folder, 'home')
  mkdirSync(home, { mode: 0o700 })
  const file = (name: string) => join(folder, name)
  for (const name of ['host-key', 'user-key']) {
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file(name)])
  }
  const ports = await freePorts(count)
  const [type = '', key = ''] = readFileSync(file('host-key.pub'), 'utf8').trim().split(' ')
  writeFileSync(file('known-hosts'), ports.map((port) => `[127.0.0.1]:${port} ${type} ${key}\n`).join(''))
  writeFileSync(file('sshd-config'), sshdConfig({ folder, home, ports }))
  const sshd = await startSshd(file('sshd-config'), ports)

  const { username } = userInfo()
  const clientOptions = [
    ...['-F', '/dev/null', '-T', '-i', file('user-key'), '-l', username],
    ...['-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', '-o', `UserKnownHostsFile=${file('known-hosts')}`],
    ...['-o', 'StrictHostKeyChecking=yes'],
  ]
  const masters: ChildProcess[] = []
  async function stop(): Promise<void> {
    await Promise.all(masters.map(end))
    await end(sshd)
  }

  try {
    const controlSockets = ports.map((_, at) => file(`control-${at}`))
    for (const [at, socket] of controlSockets.entries()) {
      const place = ['-p', String(ports[at]), '127.0.0.1']
      masters.push(spawn('ssh', [...clientOptions, '-M', '-N', '-S', socket, ...place], { stdio: 'ignore' }))
    }
    await Promise.all(controlSockets.map((socket) => until(() => existsSync(socket), `control socket`)))
    return {
      username,
      ports,
      privateKeyFile: file('user-key'),
      hostKey: { type, key, fingerprint: fingerprintOf(key) },
      clientOptions,
      controlSockets,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Layout {
  readonly folder: string
  readonly home: string
  readonly ports: readonly number[]
}

function sshdConfig({ folder, home, ports }: Layout): string {
  const lines = [
    ...ports.map((port) => `Port ${port}`),
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host-key')}`,
    `AuthorizedKeysFile ${join(folder, 'user-key.pub')}`,
    'PidFile none',
    'UsePAM no',
    'UseDNS no',
    'StrictModes no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    'PrintMotd no',
    'MaxStartups 300:30:500',
    'MaxSessions 20',
    `SetEnv HOME=${home} PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
  ]
  return `${lines.join('\n')}\n`
}

async function startSshd(config: string, ports: readonly number[]): Promise<ChildProcess> {
  // Where sshd gives up its rights; a machine without a running one lacks it.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
  const program = ['/usr/sbin/sshd', '/usr/bin/sshd'].find((path) => existsSync(path)) ?? 'sshd'
  const sshd = spawn(program, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  let words = ''
  sshd.stderr?.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-2_000)))
  const isUp = () => {
    if (sshd.exitCode !== null) throw new Error(`sshd did not start: ${words}`)
    return isListening(ports.at(-1) ?? 0)
  }
  await until(isUp, 'sshd')
  return sshd
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('data', () => socket.destroy())
  })

/** Ports that nobody listens on now. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

const fingerprintOf = (key: string): string =>
  `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`

/** Looks again and again until something is so. Throws after fifteen seconds. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const latest = performance.now() + 15_000
  while (!(await isSo())) {
    if (performance.now() > latest) throw new Error(`${what} did not come up`)
    await sleep(5)
  }
}
