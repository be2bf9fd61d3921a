import { createPrivateKey, type KeyObject } from 'node:crypto'
import { fail } from '../lib/errors.ts'
import { type KeyParts, partsOf } from './key-parts.ts'
import type { KeyText } from './key-text.ts'

/** Most rounds of PBKDF2 that are made to open a key: about five seconds. OpenSSL writes 2,048. */
const mostRounds = 10_000_000

/** Reads PKCS#8 and the older PEM forms, with or without passphrase. Throws `key.*`. */
export function parsePem({ label, isEncrypted, bytes, pem }: KeyText, passphrase: string | null): KeyParts {
  if (label === 'DSA PRIVATE KEY')
    throw fail('key.unsupported', { detail: 'SSH servers no longer accept DSA keys.' })
  const isOldEncryption = isEncrypted && label !== 'ENCRYPTED PRIVATE KEY'
  // The older encryption leaves no structure to see; everything else is one DER value, whole or not.
  if (!isOldEncryption && !isWholeDer(bytes)) throw fail('key.damaged')
  if (isEncrypted && !passphrase) throw fail('key.passphrase_required')
  if (isEncrypted && roundsOf(bytes) > mostRounds) {
    throw fail('key.unsupported', { detail: `Opening this key takes more than ${mostRounds} rounds.` })
  }
  return partsOf(openKey(pem, isEncrypted ? passphrase : null))
}

function openKey(pem: string, passphrase: string | null): KeyObject {
  try {
    return createPrivateKey(passphrase === null ? pem : { key: pem, passphrase })
  } catch {
    // The cause stays out of it: it may quote what it could not read.
    throw fail(passphrase === null ? 'key.damaged' : 'key.passphrase_wrong')
  }
}

/** Says whether the bytes are exactly one DER sequence. */
function isWholeDer(bytes: Buffer): boolean {
  const short = bytes[1] ?? 0
  if (bytes[0] !== 0x30 || bytes.length < 8) return false
  if (short < 0x80) return bytes.length === 2 + short
  const width = short & 0x7f
  return width >= 1 && width <= 4 && bytes.length === 2 + width + bytes.readUIntBE(2, width)
}

/** The object identifier of PBKDF2, 1.2.840.113549.1.5.12, in DER. */
const pbkdf2 = Buffer.from('06092a864886f70d01050c', 'hex')

/** How many rounds of PBKDF2 a key asks for; 0 when it uses something else. */
function roundsOf(bytes: Buffer): number {
  const at = bytes.indexOf(pbkdf2)
  // After the identifier: a sequence with the salt (an octet string) and the rounds (an integer).
  const salt = at + pbkdf2.length + 2
  if (at < 0 || bytes[salt] !== 0x04) return 0
  const rounds = salt + 2 + (bytes[salt + 1] ?? 0)
  const width = bytes[rounds + 1] ?? 0
  if (bytes[rounds] !== 0x02 || width < 1) return 0
  return width > 6 || rounds + 2 + width > bytes.length
    ? Number.POSITIVE_INFINITY
    : bytes.readUIntBE(rounds + 2, width)
}
