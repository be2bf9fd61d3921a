import {
  createCipheriv,
  createHash,
  createHmac,
  createPublicKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { hashRawSync } from '@node-rs/argon2'

interface PpkOptions {
  version: 2 | 3
  passphrase: string | null
  comment?: string
  derivation?: 'Argon2id' | 'Argon2i' | 'Argon2d'
}

/** Writes a key as PuTTYgen would, made from the PuTTY manual alone: what reads keys shares no line with it. */
export function toPpk(
  key: KeyObject,
  { version, passphrase, comment = 'made here', derivation = 'Argon2id' }: PpkOptions,
): string {
  const { type, publicBlob, privateBlob } = blobsOf(key)
  const encryption = passphrase === null ? 'none' : 'aes256-cbc'
  const padded = passphrase === null ? privateBlob : padTo16(privateBlob)
  const salt = randomBytes(16)
  const [memory, passes, parallelism] = [1_024, 3, 2]
  let cipherKey = Buffer.alloc(0)
  let iv = Buffer.alloc(16)
  let macKey = createHash('sha1')
    .update(`putty-private-key-file-mac-key${passphrase ?? ''}`)
    .digest()
  if (version === 3) macKey = Buffer.alloc(0)
  if (passphrase !== null && version === 2) {
    const half = (number: number) =>
      createHash('sha1')
        .update(Buffer.from([0, 0, 0, number]))
        .update(passphrase)
        .digest()
    cipherKey = Buffer.concat([half(0), half(1)]).subarray(0, 32)
  }
  if (passphrase !== null && version === 3) {
    const algorithm = ({ Argon2d: 0, Argon2i: 1, Argon2id: 2 } as const)[derivation]
    const cost = { algorithm, memoryCost: memory, timeCost: passes, parallelism, outputLen: 80 }
    const derived = hashRawSync(passphrase, { ...cost, salt })
    cipherKey = Buffer.from(derived.subarray(0, 32))
    iv = Buffer.from(derived.subarray(32, 48))
    macKey = Buffer.from(derived.subarray(48, 80))
  }
  const covered = [
    Buffer.from(type),
    Buffer.from(encryption),
    Buffer.from(comment),
    publicBlob,
    padded,
  ].flatMap(withLength)
  const mac = createHmac(version === 2 ? 'sha1' : 'sha256', macKey)
    .update(Buffer.concat(covered))
    .digest('hex')
  const cipher =
    passphrase === null ? null : createCipheriv('aes-256-cbc', cipherKey, iv).setAutoPadding(false)
  const stored = cipher ? Buffer.concat([cipher.update(padded), cipher.final()]) : padded
  return [
    `PuTTY-User-Key-File-${version}: ${type}`,
    `Encryption: ${encryption}`,
    `Comment: ${comment}`,
    ...linesOf('Public-Lines', publicBlob),
    ...(passphrase !== null && version === 3
      ? [
          `Key-Derivation: ${derivation}`,
          `Argon2-Memory: ${memory}`,
          `Argon2-Passes: ${passes}`,
          `Argon2-Parallelism: ${parallelism}`,
          `Argon2-Salt: ${salt.toString('hex')}`,
        ]
      : []),
    ...linesOf('Private-Lines', stored),
    `Private-MAC: ${mac}`,
    '',
  ].join('\r\n')
}

function blobsOf(key: KeyObject): { type: string; publicBlob: Buffer; privateBlob: Buffer } {
  const jwk = { ...createPublicKey(key).export({ format: 'jwk' }), ...key.export({ format: 'jwk' }) }
  const part = (name: keyof typeof jwk) => Buffer.from(String(jwk[name]), 'base64url')
  const join = (...parts: (Buffer | string)[]) =>
    Buffer.concat(parts.flatMap((one) => withLength(Buffer.from(one as string))))
  const whole = (bytes: Buffer) => ((bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes)
  switch (jwk.kty) {
    case 'RSA':
      return {
        type: 'ssh-rsa',
        publicBlob: join('ssh-rsa', whole(part('e')), whole(part('n'))),
        privateBlob: join(whole(part('d')), whole(part('p')), whole(part('q')), whole(part('qi'))),
      }
    case 'OKP':
      return { type: 'ssh-ed25519', publicBlob: join('ssh-ed25519', part('x')), privateBlob: join(part('d')) }
    default: {
      const curve = `nistp${String(jwk.crv).slice(2)}`
      const point = Buffer.concat([Buffer.from([4]), part('x'), part('y')])
      let d = part('d')
      while (d[0] === 0) d = d.subarray(1)
      const type = `ecdsa-sha2-${curve}`
      return { type, publicBlob: join(type, curve, point), privateBlob: join(whole(d)) }
    }
  }
}

function withLength(bytes: Buffer): Buffer[] {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return [length, bytes]
}

/** PuTTY pads with the beginning of a hash; any bytes will do, because the MAC covers them. */
const padTo16 = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes, randomBytes((16 - (bytes.length % 16)) % 16)])

function linesOf(name: string, bytes: Buffer): string[] {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return [`${name}: ${lines.length}`, ...lines]
}
