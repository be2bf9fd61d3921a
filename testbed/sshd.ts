import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { Secret } from '../server/lib/secret.ts'
import type { ConnectEvent, HostKeyBlob, Login, SshTarget } from '../server/ssh/transport.ts'
import { descendantsOf } from './processes.ts'
import { freePort } from './tcp-proxy.ts'
import { addUser, type TestUser, type UserOptions } from './users.ts'

type HostKeyType = 'ed25519' | 'rsa' | 'ecdsa'

export interface SshdOptions {
  /** Lines of sshd_config that count more than those written here, e.g. `MaxSessions 1`. No `Match` among them. */
  readonly config?: readonly string[]
  /** `Match` blocks, each with its lines. */
  readonly match?: readonly string[]
  readonly hostKeyTypes?: readonly HostKeyType[]
  /** Environment of every session, e.g. a `PATH` with other programs in front. */
  readonly environment?: Readonly<Record<string, string>>
  /** What stands in front of the key in authorized_keys, e.g. `restrict` or `command="…"`. */
  readonly keyOptions?: string
  /** Keep the keys of the user who runs the test where people keep them: in `.ssh/authorized_keys` of the home folder. */
  readonly keysInHome?: boolean
}

/** A target that writes down what it hears. */
export interface TestTarget extends SshTarget {
  readonly events: ConnectEvent[]
}

export interface TargetOverrides extends Partial<SshTarget> {
  /** Opens the node instead of the key that is let in. */
  readonly login?: Login
}

const program = '/usr/sbin/sshd'
let targets = 0

/** Whether throw-away users can be made: password logins and other login shells need them. */
export const canAddUsers = process.getuid?.() === 0

/**
 * Starts a real OpenSSH server on the loopback address. It lets in the user who runs the test, with one key made just
 * now and an empty home folder, and throw-away users where root runs the test.
 */
export async function startSshd(options: SshdOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'carl-sshd-'))
  // Other users read their keys in here; everything secret has a mode of its own.
  chmodSync(folder, 0o755)
  const home = join(folder, 'home')
  for (const name of ['keys', 'home']) mkdirSync(join(folder, name))
  if (options.keysInHome) mkdirSync(join(home, '.ssh'), { mode: 0o700 })
  if (canAddUsers) mkdirSync('/run/sshd', { recursive: true })

  const { keysInHome = false } = options
  const { username } = userInfo()
  const client = makeKey(join(folder, 'client'), 'ed25519')
  const users: TestUser[] = []
  const hostKeyTypes = new Set<HostKeyType>(options.hostKeyTypes ?? ['ed25519'])
  let port = await freePort()
  let current = options
  let said = ''
  letIn(username)
  for (const type of hostKeyTypes) makeKey(hostKeyFile(type), type)
  let sshd = await listen()

  function hostKeyFile(type: HostKeyType): string {
    return join(folder, `host-${type}`)
  }

  function keyFile(user: string): string {
    return keysInHome ? join(home, '.ssh', 'authorized_keys') : join(folder, 'keys', user)
  }

  function letIn(user: string): void {
    const line = [current.keyOptions, client.publicLine].filter(Boolean).join(' ')
    writeFileSync(keyFile(user), `${line}\n`, { mode: keysInHome ? 0o600 : 0o644 })
  }

  function writeConfig(): string {
    const file = join(folder, 'config')
    const environment = Object.entries(current.environment ?? {}).map(([name, value]) => `"${name}=${value}"`)
    const lines = [
      ...(current.config ?? []),
      `ListenAddress 127.0.0.1:${port}`,
      ...[...hostKeyTypes].map((type) => `HostKey ${hostKeyFile(type)}`),
      `AuthorizedKeysFile ${keyFile('%u')}`,
      'PidFile none',
      'UsePAM no',
      'StrictModes no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin yes',
      'Subsystem sftp internal-sftp',
      // Of this one the last line counts, not the first.
      ...(current.config?.some((line) => line.startsWith('MaxStartups')) ? [] : ['MaxStartups 100:30:200']),
      ...(hasPenalties() ? ['PerSourcePenalties no'] : []),
      'LogLevel VERBOSE',
      ...(environment.length > 0 ? [`SetEnv ${environment.join(' ')}`] : []),
      // What this machine's owner keeps in .bashrc is no part of a test.
      `Match User ${username}`,
      `  SetEnv "HOME=${home}" ${environment.join(' ')}`,
      ...(current.match ?? []),
    ]
    writeFileSync(file, `${lines.join('\n')}\n`)
    return file
  }

  async function listen(): Promise<ChildProcess> {
    for (let attempt = 0; ; attempt++) {
      // It ends with the test process, however that ends.
      const child = spawn('setpriv', ['--pdeathsig', 'TERM', program, '-D', '-e', '-f', writeConfig()], {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      const from = said.length
      const { promise: listening, resolve, reject } = Promise.withResolvers<void>()
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (said.includes('Server listening', from)) resolve()
      })
      child.once('error', reject)
      child.once('close', () => reject(new Error(`sshd did not start:\n${said.slice(from)}`)))
      try {
        await listening
        return child
      } catch (error) {
        // Somebody else took the port between asking for it and using it.
        if (attempt > 5 || !said.includes('Address already in use', from)) throw error
        port = await freePort()
      }
    }
  }

  /** Ends every session at once, as a crash of the node would; the server goes on listening. */
  function killSessions(): void {
    if (sshd.pid !== undefined) killAll(descendantsOf(sshd.pid).filter(isSession))
  }

  /** Ends the server with all its sessions; who connects again meanwhile gets none. */
  async function crash(): Promise<void> {
    if (sshd.exitCode !== null || sshd.signalCode !== null) return
    const ended = once(sshd, 'exit')
    sshd.kill('SIGSTOP')
    killSessions()
    sshd.kill('SIGKILL')
    await ended
  }

  async function stopListening(): Promise<void> {
    if (sshd.exitCode !== null || sshd.signalCode !== null) return
    const ended = once(sshd, 'close')
    sshd.kill('SIGTERM')
    await ended
  }

  /** Ends the server and its sessions, and starts it again on the same port, perhaps with other options. */
  async function restart(changes: SshdOptions = {}): Promise<void> {
    await crash()
    current = { ...current, ...changes }
    if (changes.hostKeyTypes) {
      hostKeyTypes.clear()
      for (const type of changes.hostKeyTypes) hostKeyTypes.add(type)
    }
    for (const type of hostKeyTypes) if (!readPublic(hostKeyFile(type))) makeKey(hostKeyFile(type), type)
    for (const user of [username, ...users.map((one) => one.username)]) letIn(user)
    sshd = await listen()
  }

  function removeTraces(): void {
    for (const user of users.splice(0)) user.remove()
    rmSync(folder, { recursive: true, force: true })
  }

  async function stop(): Promise<void> {
    process.off('exit', abandon)
    if (sshd.pid !== undefined) killAll(descendantsOf(sshd.pid))
    await stopListening()
    removeTraces()
  }

  /** A test that fails in its own way may never come to stop: no server and no user of ours outlives it. */
  function abandon(): void {
    if (sshd.pid !== undefined) killAll([sshd.pid, ...descendantsOf(sshd.pid)])
    removeTraces()
  }
  process.once('exit', abandon)

  const hostKeys = (): HostKeyBlob[] =>
    [...hostKeyTypes].map((type) => toHostKey(readFileSync(`${hostKeyFile(type)}.pub`, 'utf8')))

  function targetFor({ login, ...overrides }: TargetOverrides = {}): TestTarget {
    const events: ConnectEvent[] = []
    const opener: Login = login ?? { kind: 'key', privateKey: client.privateKey }
    return {
      poolKey: `test-${++targets}`,
      name: 'test node',
      host: '127.0.0.1',
      port,
      username,
      transport: 'builtin',
      legacyAlgorithms: false,
      hostKeys: hostKeys(),
      connectionsPerHour: 0,
      jump: null,
      withLogin: (use) => use(opener),
      onEvent: (event) => void events.push(event),
      ...overrides,
      events,
    }
  }

  return {
    get port() {
      return port
    },
    /** The first of its host keys. */
    get hostKey() {
      return hostKeys()[0] as HostKeyBlob
    },
    get hostKeys() {
      return hostKeys()
    },
    /** What the server has logged so far. */
    get log() {
      return said
    },
    get pid() {
      return sshd.pid
    },
    /** Opens every user of this server. */
    clientKey: client.privateKey,
    clientPublicKey: client.publicLine,
    username,
    folder,
    /** Home of the user who runs the test, empty at first. */
    home,
    /** The file that lets the user who runs the test in. */
    authorizedKeys: keyFile(username),
    targetFor,
    /** Makes new host keys; the server uses them from its next start on. */
    changeHostKeys: (): void => {
      for (const type of hostKeyTypes) makeKey(hostKeyFile(type), type)
    },
    /** A throw-away user of this machine, removed with the server. Only where `canAddUsers`. */
    addUser: (wanted: UserOptions = {}): TestUser => {
      const user = addUser(join(folder, 'homes'), wanted)
      users.push(user)
      letIn(user.username)
      return user
    },
    killSessions,
    /** Stops listening; sessions that are open go on. */
    stopListening,
    restart,
    stop,
  }
}
export type TestSshd = Awaited<ReturnType<typeof startSshd>>

/** A key pair as ssh-keygen makes it: no line of ours is in it. */
export function makeKey(file: string, type: HostKeyType): { privateKey: Secret; publicLine: string } {
  rmSync(file, { force: true })
  const bits = type === 'rsa' ? ['-b', '2048'] : []
  execFileSync('ssh-keygen', ['-q', '-t', type, ...bits, '-N', '', '-C', 'test', '-f', file])
  return {
    privateKey: new Secret(readFileSync(file, 'utf8')),
    publicLine: readFileSync(`${file}.pub`, 'utf8').trim(),
  }
}

function readPublic(file: string): string | null {
  try {
    return readFileSync(`${file}.pub`, 'utf8')
  } catch {
    return null
  }
}

export function toHostKey(publicLine: string): HostKeyBlob {
  const [type = '', key = ''] = publicLine.split(' ')
  const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64')
  return { type, key, fingerprint: `SHA256:${digest.replace(/=+$/, '')}` }
}

/** OpenSSH 9.8 and newer shut out an address that fails often; that is a test of its own. */
export function hasPenalties(): boolean {
  const { stderr } = spawnSync('ssh', ['-V'], { encoding: 'utf8' })
  const [, major, minor] = /OpenSSH_(\d+)\.(\d+)/.exec(stderr ?? '') ?? []
  return Number(major) * 100 + Number(minor) >= 908
}

/** sshd and what it becomes for a session, as opposed to the commands in it. */
function isSession(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('sshd')
  } catch {
    return false
  }
}

function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself in between.
    }
  }
}
