import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/**
 * Where a sealed value lives. It is bound to its place: moved to another row or column, it does not open.
 */
export interface Place {
  readonly table: string
  readonly column: string
  readonly id: string
}

/**
 * version (1) ‖ key id (2) ‖ wrapping nonce (12) ‖ wrapped record key (32) ‖ its tag (16) ‖ nonce (12) ‖ content ‖
 * tag (16). Each value has a random key of its own, so nonces cannot meet. Both layers are AES-256-GCM and authenticate the place and everything before them.
 */
const version = 1
const lengths = { header: 3, nonce: 12, key: 32, tag: 16 } as const
const wrapEnd = lengths.header + lengths.nonce + lengths.key + lengths.tag
const shortest = wrapEnd + lengths.nonce + lengths.tag

/** A key that seals values, and the id that tells it from others. */
export interface SealingKey {
  /** Four hex digits. */
  readonly id: string
  readonly key: Buffer
}

export function sealBox({ id, key }: SealingKey, place: Place, content: Buffer): Buffer {
  const header = Buffer.concat([Buffer.from([version]), Buffer.from(id, 'hex')])
  const recordKey = randomBytes(lengths.key)
  const wrapped = encrypt(key, recordKey, associated(place, header))
  const sealed = encrypt(recordKey, content, associated(place, Buffer.concat([header, wrapped])))
  recordKey.fill(0)
  return Buffer.concat([header, wrapped, sealed])
}

/** Opens what `sealBox` made with this key for this place; null when anything about it differs. */
export function openBox({ id, key }: SealingKey, place: Place, box: Buffer): Buffer | null {
  if (box.length < shortest || box[0] !== version || keyIdOf(box) !== id) return null
  const header = box.subarray(0, lengths.header)
  const recordKey = decrypt(key, box.subarray(lengths.header, wrapEnd), associated(place, header))
  if (!recordKey) return null
  const content = decrypt(recordKey, box.subarray(wrapEnd), associated(place, box.subarray(0, wrapEnd)))
  recordKey.fill(0)
  return content
}

/** The id of the key that a box was sealed with. */
export const keyIdOf = (box: Buffer): string => box.subarray(1, lengths.header).toString('hex')

const associated = ({ table, column, id }: Place, before: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`carl:v1:${table}:${column}:${id}\0`), before])

/** nonce ‖ content ‖ tag */
function encrypt(key: Buffer, content: Buffer, aad: Buffer): Buffer {
  const nonce = randomBytes(lengths.nonce)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad)
  return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: Buffer, sealed: Buffer, aad: Buffer): Buffer | null {
  const nonce = sealed.subarray(0, lengths.nonce)
  const tag = sealed.subarray(-lengths.tag)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: lengths.tag }).setAAD(aad)
  decipher.setAuthTag(tag)
  try {
    return Buffer.concat([decipher.update(sealed.subarray(lengths.nonce, -lengths.tag)), decipher.final()])
  } catch {
    return null
  }
}
