import type { Algorithms, CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2'
import { hostKeyAlgorithms } from './host-key.ts'
import type { HostKeyBlob } from './transport.ts'

/** No group-exchange: one such handshake blocks the event loop for more than five seconds, and any server may ask for it. */
const kex: readonly KexAlgorithm[] = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
]

const serverHostKey: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

const cipher: readonly CipherAlgorithm[] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
]

const hmac: readonly MacAlgorithm[] = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
]

/** SHA-1 and CBC: broken or nearly so. Offered last, and only to a node that is set to allow them. */
const legacy = {
  kex: ['diffie-hellman-group14-sha1'],
  serverHostKey: ['ssh-rsa'],
  cipher: ['aes256-cbc', 'aes128-cbc'],
  hmac: ['hmac-sha1-etm@openssh.com', 'hmac-sha1'],
} as const

/** What the built-in transport offers to a node with these trusted keys. */
export function algorithmsFor(trusted: readonly HostKeyBlob[], allowLegacy: boolean): Algorithms {
  const also = <Name>(names: readonly Name[], old: readonly Name[]): Name[] =>
    allowLegacy ? [...names, ...old] : [...names]
  const hostKeys = also(serverHostKey, legacy.serverHostKey)
  const offered = new Set<string>(hostKeyAlgorithms(trusted, hostKeys))
  return {
    kex: also(kex, legacy.kex),
    serverHostKey: hostKeys.filter((name) => offered.has(name)),
    cipher: also(cipher, legacy.cipher),
    hmac: also(hmac, legacy.hmac),
    compress: ['none'],
  }
}
