import { createPrivateKey } from 'node:crypto'
// oxlint-disable-next-line no-restricted-imports -- only its reader of encrypted key files; nothing is connected
import ssh2 from 'ssh2'
import { fail } from '../lib/errors.ts'
import { type KeyParts, partsOf } from './key-parts.ts'

/**
 * Opens an OpenSSH key file with its passphrase. Blocks for a second or more, so it is only for the worker. Throws
 * `key.passphrase_wrong`.
 */
export function readEncrypted(pem: string, passphrase: string): KeyParts {
  const parsed: unknown = ssh2.utils.parseKey(pem, passphrase)
  const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed
  // A wrong passphrase and a damaged file look the same: what comes out makes no sense.
  if (!isReadKey(key)) throw fail('key.passphrase_wrong')
  return partsOf(createPrivateKey(key.getPrivatePEM()))
}

const isReadKey = (key: unknown): key is { getPrivatePEM(): string } =>
  typeof key === 'object' && key !== null && 'getPrivatePEM' in key
