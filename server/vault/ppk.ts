import { createDecipheriv, createHash, createHmac } from 'node:crypto'
import { hashRaw } from '@node-rs/argon2'
import { fail } from '../lib/errors.ts'
import { type KeyParts, parsePublicBlob } from './key-parts.ts'
import { createWireReader, string } from './ssh-wire.ts'

/** Memory in KiB, and memory times passes: about ten seconds. PuTTYgen takes 8 MiB and some 20 passes. */
const argonLimits = { memory: 262_144, work: 8 * 1_048_576, parallelism: 16 }
const argonKinds: Record<string, 0 | 1 | 2> = { Argon2d: 0, Argon2i: 1, Argon2id: 2 }

interface PpkFile {
  readonly version: number
  readonly type: string
  readonly encryption: string
  readonly fields: ReadonlyMap<string, string>
  readonly publicBlob: Buffer
  readonly privateBlob: Buffer
}

/** Keys of PuTTYgen, versions 2 and 3, from appendix C of the PuTTY manual. Throws `key.*`. */
export async function parsePpk(text: string, passphrase: string | null): Promise<KeyParts> {
  const file = readFile(text)
  const half = parsePublicBlob(file.publicBlob)
  const isEncrypted = file.encryption !== 'none'
  if (isEncrypted && !passphrase) throw fail('key.passphrase_required')
  const keys = await keysOf(file, isEncrypted ? (passphrase ?? '') : null)
  const content = keys.cipher ? decrypt(file.privateBlob, keys.cipher) : file.privateBlob
  if (macOf(file, content, keys.mac) !== file.fields.get('Private-MAC')?.toLowerCase()) {
    throw fail(isEncrypted ? 'key.passphrase_wrong' : 'key.damaged')
  }
  const reader = createWireReader(content)
  switch (half.kind) {
    case 'ed25519':
      return { ...half, seed: reader.string() }
    case 'ecdsa':
      return { ...half, d: reader.string() }
    case 'rsa': {
      const [d, p, q, qi] = [reader.string(), reader.string(), reader.string(), reader.string()]
      return { ...half, d, p, q, qi }
    }
  }
}

function readFile(text: string): PpkFile {
  const lines = text.split('\n').map((line) => line.trim())
  const head = /^PuTTY-User-Key-File-(\d+): (\S+)$/.exec(lines[0] ?? '')
  if (!head) throw fail('key.damaged')
  const [version, type = ''] = [Number(head[1]), head[2]]
  if (version !== 2 && version !== 3) {
    throw fail('key.unsupported', {
      detail: `PuTTY files of version ${version} are not known here; save it anew.`,
    })
  }
  const fields = new Map<string, string>()
  const blobs = new Map<string, Buffer>()
  for (let index = 1; index < lines.length; index++) {
    const [, name = '', value = ''] = /^([^:]+): ?(.*)$/.exec(lines[index] ?? '') ?? []
    if (name === 'Public-Lines' || name === 'Private-Lines') {
      const count = Number(value)
      if (!Number.isInteger(count) || index + count >= lines.length) throw fail('key.damaged')
      blobs.set(name, Buffer.from(lines.slice(index + 1, index + 1 + count).join(''), 'base64'))
      index += count
    } else if (name !== '') fields.set(name, value)
  }
  const publicBlob = blobs.get('Public-Lines')
  const privateBlob = blobs.get('Private-Lines')
  const encryption = fields.get('Encryption')
  if (!publicBlob || !privateBlob || encryption === undefined || !fields.has('Private-MAC'))
    throw fail('key.damaged')
  if (encryption !== 'none' && encryption !== 'aes256-cbc') throw fail('key.unsupported')
  return { version, type, encryption, fields, publicBlob, privateBlob }
}

interface PpkKeys {
  readonly cipher: { readonly key: Buffer; readonly iv: Buffer } | null
  readonly mac: Buffer
}

async function keysOf(file: PpkFile, passphrase: string | null): Promise<PpkKeys> {
  if (file.version === 3) {
    if (passphrase === null) return { cipher: null, mac: Buffer.alloc(0) }
    const derived = await derive(file, passphrase)
    return {
      cipher: { key: derived.subarray(0, 32), iv: derived.subarray(32, 48) },
      mac: derived.subarray(48, 80),
    }
  }
  const sha1 = (...parts: (Buffer | string)[]) => {
    const hash = createHash('sha1')
    for (const part of parts) hash.update(part)
    return hash.digest()
  }
  const mac = sha1('putty-private-key-file-mac-key', passphrase ?? '')
  if (passphrase === null) return { cipher: null, mac }
  const key = Buffer.concat(
    [0, 1].map((number) => sha1(Buffer.from([0, 0, 0, number]), passphrase)),
  ).subarray(0, 32)
  return { cipher: { key, iv: Buffer.alloc(16) }, mac }
}

async function derive({ fields }: PpkFile, passphrase: string): Promise<Buffer> {
  const algorithm = argonKinds[fields.get('Key-Derivation') ?? '']
  const memory = Number(fields.get('Argon2-Memory'))
  const passes = Number(fields.get('Argon2-Passes'))
  const parallelism = Number(fields.get('Argon2-Parallelism'))
  const salt = Buffer.from(fields.get('Argon2-Salt') ?? '', 'hex')
  if (algorithm === undefined || ![memory, passes, parallelism].every(isCount) || salt.length < 8) {
    throw fail('key.damaged')
  }
  const { memory: mostMemory, work, parallelism: mostThreads } = argonLimits
  if (memory > mostMemory || memory * passes > work || parallelism > mostThreads) {
    throw fail('key.unsupported', {
      detail: 'Opening this key costs too much; save it in PuTTYgen with default settings.',
    })
  }
  return hashRaw(passphrase, {
    algorithm,
    memoryCost: memory,
    timeCost: passes,
    parallelism,
    salt,
    outputLen: 80,
  })
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1

function decrypt(content: Buffer, { key, iv }: NonNullable<PpkKeys['cipher']>): Buffer {
  if (content.length % 16 !== 0) throw fail('key.damaged')
  const decipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  return Buffer.concat([decipher.update(content), decipher.final()])
}

function macOf(file: PpkFile, content: Buffer, key: Buffer): string {
  const { version, type, encryption, fields, publicBlob } = file
  const covered = [type, encryption, fields.get('Comment') ?? '', publicBlob, content].map((part) =>
    string(part),
  )
  return createHmac(version === 2 ? 'sha1' : 'sha256', key)
    .update(Buffer.concat(covered))
    .digest('hex')
}
