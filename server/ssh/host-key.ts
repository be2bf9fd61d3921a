import { createHash, timingSafeEqual } from 'node:crypto'
import { fail } from '../lib/errors.ts'
import type { HostKeyBlob } from './transport.ts'

/** The fingerprint of a public key as `ssh-keygen -l` prints it. */
export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

/** Describes a key a server showed. Its type is what the key says of itself, as it is pinned later. */
export function hostKeyOf(blob: Buffer): HostKeyBlob {
  return { type: typeOf(blob), key: blob.toString('base64'), fingerprint: fingerprintOf(blob) }
}

function typeOf(blob: Buffer): string {
  const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0
  const type = blob.toString('latin1', 4, 4 + Math.min(length, 64))
  return /^[\w@.-]+$/.test(type) ? type : 'unknown'
}

/** The very key, byte for byte: a fingerprint or a type alone is never enough. */
export function isTrusted(offered: HostKeyBlob, trusted: readonly HostKeyBlob[]): boolean {
  const blob = Buffer.from(offered.key, 'base64')
  return trusted.some(({ key }) => {
    const pinned = Buffer.from(key, 'base64')
    return pinned.length === blob.length && timingSafeEqual(pinned, blob)
  })
}

/** An RSA key signs in several ways; SHA-1 is not among them unless legacy algorithms are allowed. */
const signaturesOf = (type: string): readonly string[] =>
  type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [type]

/**
 * The host key algorithms to offer: those of the trusted keys, or all while nothing is trusted. So a server that
 * gains a key of another type raises no false alarm. Throws `ssh.no_common_algorithm` when none is left to offer.
 */
export function hostKeyAlgorithms(trusted: readonly HostKeyBlob[], supported: readonly string[]): string[] {
  if (trusted.length === 0) return [...supported]
  const wanted = new Set(trusted.flatMap(({ type }) => signaturesOf(type)))
  const offered = supported.filter((name) => wanted.has(name))
  if (offered.length > 0) return offered
  const types = [...new Set(trusted.map(({ type }) => type))].join(', ')
  throw fail('ssh.no_common_algorithm', {
    detail: `The built-in transport cannot check keys of type ${types}.`,
  })
}
