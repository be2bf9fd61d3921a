import { randomBytes } from 'node:crypto'
import { fail } from '../lib/errors.ts'
import { type KeyParts, parsePublicBlob, publicBlob, typeOf } from './key-parts.ts'
import { readEncrypted } from './read-key-encrypted.ts'
import { createWireReader, mpint, string, uint32 } from './ssh-wire.ts'

/** The format of ssh-keygen, from PROTOCOL.key of OpenSSH. */
const magic = Buffer.from('openssh-key-v1\0')

/** A round takes about 30 ms of one core; ssh-keygen uses 16 to 24. */
const mostRounds = 1_024

/** What ssh2 opens; it does not know chacha20-poly1305 in key files. */
const ciphers = /^(3des-cbc|aes(128|192|256)-(cbc|ctr|gcm@openssh\.com))$/

/** Writes a key without passphrase. */
export function toOpenSsh(parts: KeyParts, comment: string): string {
  const check = randomBytes(4)
  const content = Buffer.concat([
    check,
    check,
    string(typeOf(parts)),
    ...privateFields(parts),
    string(comment),
  ])
  const padding = Buffer.from(Array.from({ length: (8 - (content.length % 8)) % 8 }, (_, index) => index + 1))
  const file = Buffer.concat([
    magic,
    string('none'),
    string('none'),
    string(''),
    uint32(1),
    string(publicBlob(parts)),
    string(Buffer.concat([content, padding])),
  ])
  const lines = file.toString('base64').replace(/.{1,70}/g, '$&\n')
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}-----END OPENSSH PRIVATE KEY-----\n`
}

function privateFields(parts: KeyParts): Buffer[] {
  switch (parts.kind) {
    case 'ed25519':
      return [string(parts.publicKey), string(Buffer.concat([parts.seed, parts.publicKey]))]
    case 'ecdsa':
      return [string(parts.curve), string(parts.point), mpint(parts.d)]
    case 'rsa':
      return [parts.n, parts.e, parts.d, parts.qi, parts.p, parts.q].map(mpint)
  }
}

/** Reads a key, with or without passphrase. `pem` is the same file as text. Throws `key.*`. */
export function parseOpenSsh(file: Buffer, pem: string, passphrase: string | null): KeyParts {
  if (!file.subarray(0, magic.length).equals(magic)) throw fail('key.damaged')
  const reader = createWireReader(file.subarray(magic.length))
  const cipher = reader.text()
  const derivation = reader.text()
  const derivationOptions = reader.string()
  if (reader.uint32() !== 1) throw fail('key.unsupported', { detail: 'This file holds more than one key.' })
  const stated = reader.string()
  // Says early what cannot be used at all, before anybody is asked for a passphrase.
  parsePublicBlob(stated)
  const content = reader.string()
  if (derivation === 'none' && cipher === 'none') return parsePlain(content, stated)
  if (!ciphers.test(cipher))
    throw fail('key.unsupported', { detail: 'The cipher of this key is not known here.' })
  if (passphrase === null || passphrase === '') throw fail('key.passphrase_required')
  if (derivation !== 'bcrypt') throw fail('key.unsupported')
  checkRounds(derivationOptions)
  return readEncrypted(pem, passphrase)
}

function parsePlain(content: Buffer, stated: Buffer): KeyParts {
  const reader = createWireReader(content)
  if (reader.uint32() !== reader.uint32()) throw fail('key.damaged')
  const type = reader.text()
  const parts = parsePrivateFields(reader, stated)
  reader.string()
  const isPadded = reader.rest().every((byte, index) => byte === index + 1)
  if (type !== typeOf(parts) || !publicBlob(parts).equals(stated) || !isPadded) throw fail('key.damaged')
  return parts
}

function parsePrivateFields(reader: ReturnType<typeof createWireReader>, stated: Buffer): KeyParts {
  const half = parsePublicBlob(stated)
  switch (half.kind) {
    case 'ed25519': {
      const publicKey = reader.string()
      return { kind: 'ed25519', publicKey, seed: reader.string().subarray(0, 32) }
    }
    case 'ecdsa':
      reader.string()
      return { kind: 'ecdsa', curve: half.curve, point: reader.string(), d: reader.string() }
    case 'rsa': {
      const [n, e, d] = [reader.string(), reader.string(), reader.string()]
      const [qi, p, q] = [reader.string(), reader.string(), reader.string()]
      return { kind: 'rsa', n, e, d, p, q, qi }
    }
  }
}

function checkRounds(options: Buffer): void {
  const reader = createWireReader(options)
  reader.string()
  const rounds = reader.uint32()
  if (rounds <= mostRounds) return
  throw fail('key.unsupported', {
    detail: `Opening this key takes ${rounds} rounds; ${mostRounds} are the limit.`,
  })
}
