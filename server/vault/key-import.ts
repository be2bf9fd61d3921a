import { createHash } from 'node:crypto'
import { checkParts, type KeyParts, publicBlob, typeOf } from './key-parts.ts'
import { isPpk, parseKeyText, tidyText } from './key-text.ts'
import { parseOpenSsh, toOpenSsh } from './openssh-format.ts'
import { parsePem } from './pem.ts'
import { parsePpk } from './ppk.ts'

/** A key in the one form that is stored, with what may be shown of it. */
export interface KeyFile {
  /** OpenSSH format, without passphrase. */
  readonly privateKey: string
  /** The line for authorized_keys: type, key and comment. */
  readonly publicKey: string
  /** `SHA256:…` as ssh-keygen prints it. */
  readonly fingerprint: string
  readonly type: string
}

/** Reads a private key in any usual form. May block for seconds: called in the worker. Throws `key.*`. */
export async function readKey(text: string, passphrase: string | null): Promise<KeyFile> {
  const parts = await partsIn(tidyText(text), passphrase)
  checkParts(parts)
  return toKeyFile(parts, '')
}

async function partsIn(tidy: string, passphrase: string | null): Promise<KeyParts> {
  if (isPpk(tidy)) return parsePpk(tidy, passphrase)
  const found = parseKeyText(tidy)
  if (found.label === 'OPENSSH PRIVATE KEY') return parseOpenSsh(found.bytes, found.pem, passphrase)
  return parsePem(found, passphrase)
}

export function toKeyFile(parts: KeyParts, comment: string): KeyFile {
  const blob = publicBlob(parts)
  const safe = toComment(comment)
  return {
    privateKey: toOpenSsh(parts, safe),
    publicKey: `${typeOf(parts)} ${blob.toString('base64')} ${safe}`.trim(),
    fingerprint: fingerprintOf(blob),
    type: typeOf(parts),
  }
}

const fingerprintOf = (blob: Buffer): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`

/** What may stand behind a key: a line end there would begin a second line of authorized_keys. */
export const toComment = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()
