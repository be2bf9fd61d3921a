import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startSshd, type TestSshd } from '../testbed/sshd.ts'
import { freePort } from '../testbed/tcp-proxy.ts'
import { end, mind } from './program.ts'

/** Nodes of real OpenSSH servers on the loopback: each a port of its own, and so a connection of its own. */
export interface SshNodes {
  readonly username: string
  readonly nodes: readonly SshNode[]
  readonly privateKey: string
  /** What every OpenSSH client of a peer is called with: nothing of the user's own configuration. */
  readonly clientOptions: readonly string[]
  stop(): Promise<void>
}

export interface SshNode {
  readonly port: number
  readonly hostKey: { readonly type: string; readonly key: string; readonly fingerprint: string }
  /** A control socket to it, open. */
  readonly controlSocket: string
}

/** sshd listens on sixteen sockets and no more (MAX_LISTEN_SOCKS). */
const portsOfOne = 15

/**
 * Starts nodes, and an OpenSSH control master to each. Logins find a clean home and a plain PATH: a remote command
 * runs the user's `.bashrc`, and with one that takes long, every way of reaching a node looks the same.
 */
export async function startNodes(folder: string, count: number): Promise<SshNodes> {
  const servers: TestSshd[] = []
  const nodes: SshNode[] = []
  for (let left = count; left > 0; left -= portsOfOne) {
    const ports: number[] = []
    while (ports.length < Math.min(left, portsOfOne) - 1) ports.push(await freePort())
    const server = await startServer(ports, servers[0])
    servers.push(server)
    for (const port of [server.port, ...ports]) {
      nodes.push({ port, hostKey: server.hostKey, controlSocket: join(folder, `control-${port}`) })
    }
  }
  const [first] = servers
  if (!first) throw new Error('at least one node is needed')
  const knownHosts = join(folder, 'known-hosts')
  writeFileSync(
    knownHosts,
    nodes.map(({ port, hostKey: { type, key } }) => `[127.0.0.1]:${port} ${type} ${key}\n`).join(''),
  )
  const words = ['-F', '/dev/null', '-i', join(first.folder, 'client')]
  // Not `-T` and `-l`: Ansible hands all of it to sftp as well, where these mean something else.
  const settings = [
    'RequestTTY=no',
    `User=${first.username}`,
    'IdentitiesOnly=yes',
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${knownHosts}`,
  ]
  const clientOptions = [...words, ...settings.flatMap((setting) => ['-o', setting])]
  const masters: ChildProcess[] = []
  async function stop(): Promise<void> {
    await Promise.all(masters.map(end))
    for (const server of servers) await server.stop()
  }

  try {
    for (const { port, controlSocket } of nodes) {
      const args = [...clientOptions, '-M', '-N', '-S', controlSocket, '-p', String(port), '127.0.0.1']
      masters.push(mind(spawn('ssh', args, { stdio: 'ignore' })))
    }
    for (const { controlSocket } of nodes) await until(() => existsSync(controlSocket), 'a control master')
    return {
      username: first.username,
      nodes,
      privateKey: first.clientKey.reveal(),
      clientOptions,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** One key opens all servers: that of the first. */
function startServer(ports: readonly number[], first: TestSshd | undefined): Promise<TestSshd> {
  return startSshd({
    config: [
      ...ports.map((port) => `ListenAddress 127.0.0.1:${port}`),
      ...(first ? [`AuthorizedKeysFile ${join(first.folder, 'keys', '%u')}`] : []),
      'LogLevel INFO',
      'UseDNS no',
      'PrintMotd no',
      'MaxStartups 300:30:500',
    ],
    environment: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' },
  })
}

/** Looks again and again until something is so. Throws after fifteen seconds. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const latest = performance.now() + 15_000
  while (!(await isSo())) {
    if (performance.now() > latest) throw new Error(`${what} did not come up`)
    await sleep(5)
  }
}
