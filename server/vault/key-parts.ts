import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { fail } from '../lib/errors.ts'
import { createWireReader, mpint, string } from './ssh-wire.ts'

/** The numbers of a key, big-endian. Every file format leads to these, and from here there is one way on. */
export type KeyParts =
  | { readonly kind: 'ed25519'; readonly publicKey: Buffer; readonly seed: Buffer }
  | { readonly kind: 'ecdsa'; readonly curve: CurveName; readonly point: Buffer; readonly d: Buffer }
  | {
      readonly kind: 'rsa'
      readonly n: Buffer
      readonly e: Buffer
      readonly d: Buffer
      readonly p: Buffer
      readonly q: Buffer
      /** The inverse of q modulo p. */
      readonly qi: Buffer
    }

const curves = {
  nistp256: { jwk: 'P-256', bytes: 32 },
  nistp384: { jwk: 'P-384', bytes: 48 },
  nistp521: { jwk: 'P-521', bytes: 66 },
} as const
export type CurveName = keyof typeof curves

export const isCurve = (name: string): name is CurveName => Object.hasOwn(curves, name)

/** Servers refuse smaller ones; larger ones take seconds for a login. */
const rsaBits = { least: 2_048, most: 16_384 }

/** The type as SSH names it. */
export function typeOf(parts: KeyParts): string {
  switch (parts.kind) {
    case 'ed25519':
      return 'ssh-ed25519'
    case 'ecdsa':
      return `ecdsa-sha2-${parts.curve}`
    case 'rsa':
      return 'ssh-rsa'
  }
}

/** The public half as SSH sends it. */
export function publicBlob(parts: KeyParts): Buffer {
  const type = string(typeOf(parts))
  switch (parts.kind) {
    case 'ed25519':
      return Buffer.concat([type, string(parts.publicKey)])
    case 'ecdsa':
      return Buffer.concat([type, string(parts.curve), string(parts.point)])
    case 'rsa':
      return Buffer.concat([type, mpint(parts.e), mpint(parts.n)])
  }
}

/** Reads the public half; the counterpart of `publicBlob`. Throws `key.*` for kinds that cannot be used. */
export function parsePublicBlob(
  blob: Buffer,
):
  | { readonly kind: 'ed25519'; readonly publicKey: Buffer }
  | { readonly kind: 'ecdsa'; readonly curve: CurveName; readonly point: Buffer }
  | { readonly kind: 'rsa'; readonly e: Buffer; readonly n: Buffer } {
  const reader = createWireReader(blob)
  const type = reader.text()
  if (type.startsWith('sk-')) throw fail('key.hardware')
  if (type === 'ssh-ed25519') return { kind: 'ed25519', publicKey: reader.string() }
  if (type === 'ssh-rsa') return { kind: 'rsa', e: reader.string(), n: reader.string() }
  if (type.startsWith('ecdsa-sha2-')) {
    const curve = reader.text()
    if (isCurve(curve)) return { kind: 'ecdsa', curve, point: reader.string() }
  }
  throw unusable(type)
}

const unusable = (type: string) =>
  fail('key.unsupported', {
    detail:
      type === 'ssh-dss'
        ? 'SSH servers no longer accept DSA keys.'
        : `Keys of the type ${type.replace(/[^\w@.-]/g, '').slice(0, 40)} cannot be used for SSH here.`,
  })

/** Reads the numbers out of a key that Node has opened. Throws `key.unsupported` for kinds SSH does not know. */
export function partsOf(key: KeyObject): KeyParts {
  const kind = key.asymmetricKeyType
  if (kind !== 'rsa' && kind !== 'ec' && kind !== 'ed25519') throw unusable(kind ?? 'unknown')
  const curve = Object.entries(curves).find(([, { jwk }]) => jwk === nodeCurve(key))?.[0]
  if (kind === 'ec' && curve === undefined) throw unusable(key.asymmetricKeyDetails?.namedCurve ?? 'ec')
  const jwk = key.export({ format: 'jwk' })
  const part = (name: keyof typeof jwk): Buffer => Buffer.from(String(jwk[name]), 'base64url')
  if (kind === 'ed25519') return { kind: 'ed25519', publicKey: part('x'), seed: part('d') }
  if (kind === 'rsa') {
    return { kind, n: part('n'), e: part('e'), d: part('d'), p: part('p'), q: part('q'), qi: part('qi') }
  }
  const point = Buffer.concat([Buffer.from([4]), part('x'), part('y')])
  return { kind: 'ecdsa', curve: curve as CurveName, point, d: part('d') }
}

/** OpenSSL's name of the curve in the words of a JWK. */
function nodeCurve(key: KeyObject): string | undefined {
  const names: Record<string, string> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }
  return names[key.asymmetricKeyDetails?.namedCurve ?? '']
}

/**
 * Makes sure that a key is whole, by signing with it, and strong enough for servers to take it. Throws
 * `key.damaged`, `key.weak` or `key.unsupported`.
 */
export function checkParts(parts: KeyParts): void {
  if (parts.kind === 'rsa') {
    const bits = BigInt(`0x0${parts.n.toString('hex')}`).toString(2).length
    if (bits < rsaBits.least)
      throw fail('key.weak', { detail: `This RSA key has ${bits} bits; servers want 2048.` })
    if (bits > rsaBits.most)
      throw fail('key.unsupported', { detail: `An RSA key of ${bits} bits is too large.` })
  }
  if (!canSign(parts))
    throw fail('key.damaged', { detail: 'The two halves of this key do not fit each other.' })
}

function canSign(parts: KeyParts): boolean {
  const probe = Buffer.from('does this key fit itself?')
  const digest = parts.kind === 'ed25519' ? null : 'sha256'
  try {
    const jwk = toJwk(parts)
    const signature = sign(digest, probe, createPrivateKey({ key: jwk, format: 'jwk' }))
    const { kty, crv, x, y, n, e } = jwk
    const stated = Object.fromEntries(
      Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined),
    )
    return verify(digest, probe, createPublicKey({ key: stated, format: 'jwk' }), signature)
  } catch {
    return false
  }
}

function toJwk(parts: KeyParts): Record<string, string | undefined> {
  const text = (bytes: Buffer): string => bytes.toString('base64url')
  switch (parts.kind) {
    case 'ed25519':
      return { kty: 'OKP', crv: 'Ed25519', x: text(parts.publicKey), d: text(parts.seed) }
    case 'ecdsa': {
      const { jwk: crv, bytes } = curves[parts.curve]
      const [x, y] = [parts.point.subarray(1, 1 + bytes), parts.point.subarray(1 + bytes)]
      return { kty: 'EC', crv, x: text(x), y: text(y), d: text(fixed(parts.d, bytes)) }
    }
    case 'rsa': {
      const { n, e, d, p, q, qi } = parts
      const [dp, dq] = [rest(d, p), rest(d, q)]
      return Object.fromEntries([
        ['kty', 'RSA'],
        ...Object.entries({ n, e, d, p, q, dp, dq, qi }).map(([name, bytes]) => [
          name,
          text(unsigned(bytes)),
        ]),
      ])
    }
  }
}

/** d modulo (prime − 1), which file formats of SSH leave out. */
function rest(d: Buffer, prime: Buffer): Buffer {
  const value = toBigInt(d) % (toBigInt(prime) - 1n)
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')
}

const toBigInt = (bytes: Buffer): bigint => BigInt(`0x0${bytes.toString('hex')}`)

function unsigned(bytes: Buffer): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  return bytes.subarray(start)
}

/** A number in exactly so many bytes, as a JWK wants it. */
function fixed(bytes: Buffer, length: number): Buffer {
  const short = unsigned(bytes)
  return Buffer.concat([Buffer.alloc(Math.max(0, length - short.length)), short])
}
