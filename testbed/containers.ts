import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectEvent, Login } from '../server/ssh/transport.ts'
import { containerImage, containerUser } from './containers-image.ts'
import { hasPenalties, makeKey, type TargetOverrides, type TestTarget, toHostKey } from './sshd.ts'
import { freePort } from './tcp-proxy.ts'

interface ContainerOptions {
  /** Lines of sshd_config that count more than those written here, e.g. `MaxSessions 1`. */
  readonly config?: readonly string[]
  readonly hostname?: string
  readonly memoryMib?: number
  readonly mostProcesses?: number
}

/** Every container of ours carries it: `docker ps --filter label=carl.testbed`. */
export const containerLabel = 'carl.testbed'

/** Why there are no container nodes where `engine()` gives null. */
export const noEngine = 'no Docker engine of this machine answers'

let targets = 0

/**
 * The version of the Docker engine of this machine, or null when none answers within two seconds. One elsewhere does
 * not count: its ports and the files of its nodes would not be ours.
 */
export function engine(): string | null {
  const host = process.env['DOCKER_HOST']
  if (process.platform !== 'linux' || (host && !host.startsWith('unix://'))) return null
  try {
    return docker(['version', '--format', '{{.Server.Version}}'], { timeout: 2_000 }) || null
  } catch {
    return null
  }
}

/**
 * Starts a container with an SSH server in it: processes, files and limits of its own, and an ordinary user with one
 * key made just now. It hangs on a pipe of this process, so it is gone when this process is, however that ends.
 */
export async function startContainerNode(options: ContainerOptions = {}) {
  const image = containerImage()
  const { client, host, hostKey } = makeKeys()
  let said = ''
  const { running, name, port } = await start()

  async function start() {
    const isBridged = docker(['network', 'ls', '--quiet', '--filter', 'name=^bridge$']) !== ''
    for (let attempt = 0; ; attempt++) {
      const name = `carl-testbed-${randomBytes(6).toString('hex')}`
      const inside = isBridged ? 22 : await freePort()
      const network = isBridged ? ['--publish=127.0.0.1::22'] : ['--network=host']
      const listenAddress = `ListenAddress ${isBridged ? '0.0.0.0' : '127.0.0.1'}:${inside}`
      const config = [...(options.config ?? []), listenAddress, ...sshdConfig()]
      const from = said.length
      const child = spawn('docker', [
        'run',
        '--rm',
        '--interactive',
        '--pull=never',
        `--name=${name}`,
        `--hostname=${options.hostname ?? name}`,
        `--label=${containerLabel}`,
        `--memory=${options.memoryMib ?? 256}m`,
        `--pids-limit=${options.mostProcesses ?? 200}`,
        ...network,
        image,
        'sh',
        '-c',
        firstProcess,
        containerUser,
        ...config.flatMap((line) => ['-o', line]),
      ])
      try {
        await untilListening(child)
        return { running: child, name, port: isBridged ? publishedPort(name) : inside }
      } catch (error) {
        child.stdin.end()
        // Somebody else took the port between asking for it and using it.
        if (attempt > 5 || !said.includes('Address already in use', from)) throw error
      }
    }
  }

  async function untilListening(child: ChildProcessWithoutNullStreams): Promise<void> {
    const from = said.length
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    child.stdout.resume()
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('Server listening', from)) resolve()
    })
    child.once('error', reject)
    child.once('close', () => reject(new Error(`the container did not start:\n${said.slice(from)}`)))
    // Where it ended first, its end tells why.
    child.stdin.on('error', () => {})
    // Not through its command line or environment, where everybody may read them.
    child.stdin.write(`${client.publicLine}\n${host.privateKey.reveal().trim()}\n\n`)
    await promise
  }

  async function stop(): Promise<void> {
    if (running.exitCode !== null || running.signalCode !== null) return
    const ended = once(running, 'close')
    running.stdin.end()
    await ended
  }

  function targetFor({ login, ...overrides }: TargetOverrides = {}): TestTarget {
    const events: ConnectEvent[] = []
    const opener: Login = login ?? { kind: 'key', privateKey: client.privateKey }
    return {
      poolKey: `container-${++targets}`,
      name: 'test container',
      host: '127.0.0.1',
      port,
      username: containerUser,
      transport: 'builtin',
      legacyAlgorithms: false,
      hostKeys: [hostKey],
      connectionsPerHour: 0,
      jump: null,
      withLogin: (use) => use(opener),
      onEvent: (event) => void events.push(event),
      ...overrides,
      events,
    }
  }

  return {
    port,
    hostKey,
    hostKeys: [hostKey],
    /** What the server in it has logged so far. */
    get log() {
      return said
    },
    /** As `docker ps` shows it. */
    name,
    clientKey: client.privateKey,
    clientPublicKey: client.publicLine,
    username: containerUser,
    targetFor,
    stop,
  }
}

/**
 * Takes the keys from standard input, which stays open as long as whoever started it lives. With its end the server is
 * asked to end, and with the first process all others of the container go.
 */
const firstProcess = `
set -eu
user=$0
umask 022
IFS= read -r line
echo "$line" >/etc/ssh/client.pub
mkdir -p "/home/$user"
chown "$user:" "/home/$user"
umask 077
while IFS= read -r line && [ -n "$line" ]; do
  echo "$line"
done >/etc/ssh/host_key
exec 3<&0
(cat <&3 >/dev/null; kill -TERM 1) &
exec 3<&- /usr/sbin/sshd -D -e -f /dev/null "$@"
`

const sshdConfig = (): string[] => [
  'HostKey /etc/ssh/host_key',
  'AuthorizedKeysFile /etc/ssh/client.pub',
  'PidFile none',
  'UsePAM no',
  'PasswordAuthentication no',
  'KbdInteractiveAuthentication no',
  'PermitRootLogin no',
  'Subsystem sftp internal-sftp',
  'MaxStartups 100:30:200',
  ...(hasPenalties() ? ['PerSourcePenalties no'] : []),
  'LogLevel VERBOSE',
]

function makeKeys() {
  const folder = mkdtempSync(join(tmpdir(), 'carl-container-'))
  try {
    const client = makeKey(join(folder, 'client'), 'ed25519')
    const host = makeKey(join(folder, 'host'), 'ed25519')
    return { client, host, hostKey: toHostKey(host.publicLine) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function publishedPort(name: string): number {
  const [first = ''] = docker(['port', name, '22/tcp']).split('\n')
  return Number(first.slice(first.lastIndexOf(':') + 1))
}

function docker(args: readonly string[], { timeout }: { timeout?: number } = {}): string {
  return execFileSync('docker', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    ...(timeout === undefined ? {} : { timeout, killSignal: 'SIGKILL' }),
  }).trim()
}
