import { createHash, hkdfSync } from 'node:crypto'
import { fail } from '../lib/errors.ts'
import { Secret } from '../lib/secret.ts'

/** What a key of its own is derived for. One that leaks tells nothing about the others. */
export type Purpose = 'creds' | 'audit-mac' | 'tokens' | 'totp' | 'webhook' | 'backup-wrap'

/** Where a master key comes from. */
export type KeySource = 'file' | 'command' | 'generated' | 'passphrase'

/** The one key above all others. */
export interface MasterKey {
  /** Four hex digits to tell keys apart by; says nothing about the key. */
  readonly id: string
  readonly source: KeySource
  /** 32 bytes, always the same for one purpose. */
  purposeKey(purpose: Purpose): Buffer
  /** The key itself in base64, for the file it is kept in and the recovery kit alone. */
  reveal(): Secret
}

export const keyBytes = 32

/** Wraps 32 bytes as a master key. */
export function createMasterKey(key: Buffer, source: KeySource): MasterKey {
  if (key.length !== keyBytes) throw unusable('a master key has 32 bytes')
  return {
    id: createHash('sha256').update(key).digest('hex').slice(0, 4),
    source,
    purposeKey: (purpose) => Buffer.from(hkdfSync('sha256', key, '', `carl:v1:${purpose}`, keyBytes)),
    reveal: () => new Secret(key.toString('base64')),
  }
}

/** Says whether two are the same key, not only of the same id. */
export const isSameKey = (one: MasterKey, other: MasterKey): boolean =>
  one.purposeKey('creds').equals(other.purposeKey('creds'))

/** Reads 32 bytes from hex or base64, however it is padded. Errors name the origin and never the content. */
export function decodeKey(text: string, origin: string): Buffer {
  const trimmed = text.trim()
  const isHex = /^[0-9a-f]{64}$/i.test(trimmed)
  const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)
  if (!isHex && !isBase64) throw unusable(`${origin} does not hold 32 bytes in base64 or hex`)
  const key = Buffer.from(trimmed, isHex ? 'hex' : 'base64')
  // 32 random bytes have about 30 different values; a placeholder has a few.
  if (new Set(key).size < 12) throw unusable(`${origin} holds a key that is not random`)
  return key
}

export const unusable = (why: string, cause?: unknown) =>
  fail('vault.key_unusable', { detail: `${why}.`, cause })
