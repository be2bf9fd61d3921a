import { join } from 'node:path'
import type { HostKeyBlob, Login } from './transport.ts'

/** What of an SshTarget the command line of ssh depends on. */
export interface CommandLine {
  readonly folder: string
  readonly address: string
  readonly port: number
  readonly username: string
  readonly login: Login['kind']
  readonly hostKeys: readonly Pick<HostKeyBlob, 'type'>[]
  readonly legacyAlgorithms: boolean
}

/** The name under which the trusted keys stand in our own known_hosts. */
export const alias = 'node'

/** Precedes the key that the node offers, on standard error. */
export const hostKeyMark = 'CARL-HOST-KEY'

/** Nothing of this server's own environment is for ssh, but for where programs are. Its words are parsed: English. */
export const sshEnvironment = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  ...more,
})

const connectTimeoutS = 5
/** A peer that is silent for 45 seconds is gone. */
const aliveEveryS = 15
const alivePatience = 3

/** What ssh may agree on for a key of this type. */
const algorithmsOfType: Readonly<Record<string, string>> = {
  'ssh-ed25519': 'ssh-ed25519',
  'ssh-rsa': 'rsa-sha2-512,rsa-sha2-256',
  'ecdsa-sha2-nistp256': 'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384': 'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521': 'ecdsa-sha2-nistp521',
}

const legacy = [
  'KexAlgorithms=+diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1',
  'Ciphers=+aes128-cbc,aes192-cbc,aes256-cbc',
  'MACs=+hmac-sha1',
  'PubkeyAcceptedAlgorithms=+ssh-rsa',
]

/** Nothing of this machine's own settings is read, so that a connection is what is written here. */
const alone = ['-F', 'none', '-T']

/**
 * Arguments of the process that holds the connection. It stays in the foreground: its end is the end of the
 * connection, which a ControlPersist in the background would hide.
 */
export function connectionArguments(line: CommandLine): string[] {
  const { folder, address, port, username, login, legacyAlgorithms } = line
  const types = hostKeyAlgorithms(line)
  return [
    ...alone,
    '-M',
    '-N',
    '-v',
    '-p',
    String(port),
    '-l',
    username,
    ...options([
      `ControlPath=${join(folder, 'c')}`,
      'StrictHostKeyChecking=yes',
      `HostKeyAlias=${alias}`,
      `UserKnownHostsFile=${join(folder, 'known_hosts')}`,
      'GlobalKnownHostsFile=/dev/null',
      'CheckHostIP=no',
      'UpdateHostKeys=yes',
      // The one way to see the whole key of a node that is not trusted (yet); it trusts nothing by itself.
      `KnownHostsCommand=/bin/sh -c "echo ${hostKeyMark} $0 $1 >&2" %t %K`,
      ...(types ? [`HostKeyAlgorithms=^${types}`] : []),
      ...(legacyAlgorithms ? legacy : []),
      ...(login === 'key' ? keyLogin(folder) : passwordLogin),
      `ConnectTimeout=${connectTimeoutS}`,
      'ConnectionAttempts=1',
      `ServerAliveInterval=${aliveEveryS}`,
      `ServerAliveCountMax=${alivePatience}`,
      'ClearAllForwardings=yes',
      'ForwardAgent=no',
      'ForwardX11=no',
      'PermitLocalCommand=no',
    ]),
    '--',
    address,
  ]
}

/** Arguments of the process of one channel; what it says of itself goes to `log`, not among the command's errors. */
export function channelArguments(folder: string, log: string): string[] {
  return [
    ...alone,
    '-E',
    log,
    '-S',
    join(folder, 'c'),
    // Without the connection it would make one of its own; this way it fails instead.
    ...options([
      'LogLevel=DEBUG2',
      'ControlMaster=no',
      'BatchMode=yes',
      'ProxyCommand=false',
      'ForwardX11=no',
    ]),
  ]
}

const keyLogin = (folder: string): string[] => [
  'BatchMode=yes',
  'PreferredAuthentications=publickey',
  'IdentitiesOnly=yes',
  `IdentityAgent=${join(folder, 'a')}`,
  `IdentityFile=${join(folder, 'id.pub')}`,
]

/** Asked once: where `password` is offered it is used, else keyboard-interactive. */
const passwordLogin = [
  'PreferredAuthentications=password,keyboard-interactive',
  'NumberOfPasswordPrompts=1',
  'IdentityAgent=none',
]

const options = (all: readonly string[]): string[] => all.flatMap((option) => ['-o', option])

/**
 * Types that are trusted come first, as ssh itself does it: a node that gains a key of another type raises no false
 * alarm, one that has no trusted key left shows its new one, and keys of other types can be learnt.
 */
function hostKeyAlgorithms({ hostKeys, legacyAlgorithms }: CommandLine): string {
  const names = hostKeys.flatMap(({ type }) => algorithmsOfType[type] ?? [])
  if (legacyAlgorithms && hostKeys.some(({ type }) => type === 'ssh-rsa')) names.push('ssh-rsa')
  return [...new Set(names)].join(',')
}
