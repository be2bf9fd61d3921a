import { randomBytes } from 'node:crypto'
import { hashRaw } from '@node-rs/argon2'
import * as z from 'zod'
import { createTurns } from '../../lib/turns.ts'
import type { Secret } from '../../lib/secret.ts'
import { createMasterKey, decodeKey, type MasterKey, unusable } from '../master-key.ts'
import { openBox, type Place, sealBox, type SealingKey } from '../sealed-box.ts'
import type { KeyFile } from './folder.ts'

/** 64 MiB and three passes of Argon2id, the second choice of RFC 9106 on one lane. A third of a second on a small machine. */
const cost = { memoryKib: 65_536, passes: 3, lanes: 1 }

/**
 * A master key that is closed with a passphrase, as it lies in the data folder. How the passphrase becomes a key stands
 * beside it, since that has to be known first. The bounds keep a file that somebody changed from eating all memory.
 */
const sealedKeys = z.strictObject({
  version: z.literal(1),
  kdf: z.literal('argon2id'),
  memoryKib: z.number().int().min(8_192).max(1_048_576),
  passes: z.number().int().min(1).max(20),
  lanes: z.number().int().min(1).max(16),
  salt: z.base64(),
  /** The key; while it is being changed, the one before as well, so that one passphrase is enough to go on. */
  keys: z
    .array(z.strictObject({ id: z.string().regex(/^[0-9a-f]{4}$/), sealed: z.base64() }))
    .min(1)
    .max(2),
})
export type SealedKeys = z.infer<typeof sealedKeys>

/** Two at once would take the memory of two, and a stranger can ask for many. */
const inTurn = createTurns('a passphrase')

/** Closes master keys with a passphrase, as text for a file. The first is the one that counts. */
export async function sealWithPassphrase(keys: readonly MasterKey[], passphrase: Secret): Promise<string> {
  const facts = { ...cost, salt: randomBytes(16).toString('base64') }
  const wrapping = await wrappingKey(passphrase, facts)
  const sealed = keys.map((key) => ({
    id: key.id,
    sealed: sealBox(wrapping, placeOf(key.id, facts), Buffer.from(key.reveal().reveal())).toString('base64'),
  }))
  return toText({ version: 1, kdf: 'argon2id', ...facts, keys: sealed })
}

/** Opens them again; none when the passphrase is another one. Takes as long either way. */
export async function openWithPassphrase(sealed: SealedKeys, passphrase: Secret): Promise<MasterKey[]> {
  const wrapping = await wrappingKey(passphrase, sealed)
  return sealed.keys.flatMap(({ id, sealed: box }) => {
    const content = openBox(wrapping, placeOf(id, sealed), Buffer.from(box, 'base64'))
    if (!content) return []
    const key = createMasterKey(decodeKey(content.toString('utf8'), 'the sealed key'), 'passphrase')
    return key.id === id ? [key] : []
  })
}

/**
 * What a passphrase opens of the key files of a data folder. Each costs one derivation, whether it opens or not, so the
 * time of the answer tells nothing.
 */
export async function openKeyFiles(files: readonly KeyFile[], passphrase: Secret): Promise<MasterKey[]> {
  const opened: MasterKey[] = []
  for (const sealed of files.flatMap(readSealed)) {
    opened.push(...(await openWithPassphrase(sealed, passphrase)))
  }
  return opened
}

/** A key file that is closed. A next one that is damaged protects nothing yet, or is missed by name. */
export function readSealed({ form, slot, file, text }: KeyFile): SealedKeys[] {
  if (form !== 'passphrase') return []
  try {
    return [parseSealedKeys(text, file)]
  } catch (error) {
    if (slot === 'current') throw error
    return []
  }
}

/** Throws `vault.key_unusable` for what holds no sealed key. */
export function parseSealedKeys(text: string, file: string): SealedKeys {
  try {
    return sealedKeys.parse(JSON.parse(text))
  } catch (error) {
    throw unusable(`${file} is damaged: it holds no sealed key`, error)
  }
}

/** The same file without the key from before. */
export const withoutEarlierKey = (sealed: SealedKeys): string =>
  toText({ ...sealed, keys: sealed.keys.slice(0, 1) })

const toText = (sealed: SealedKeys): string => `${JSON.stringify(sealed, null, 2)}\n`

type Facts = Pick<SealedKeys, 'memoryKib' | 'passes' | 'lanes' | 'salt'>

/** Says all that decides how the passphrase counts, so that none of it can be changed unseen. */
const placeOf = (keyId: string, { memoryKib, passes, lanes, salt }: Facts): Place => ({
  table: 'keys',
  column: `argon2id,${memoryKib},${passes},${lanes},${salt}`,
  id: keyId,
})

async function wrappingKey(passphrase: Secret, facts: Facts): Promise<SealingKey> {
  // As with passwords: keyboards differ in how they compose an é.
  const bytes = Buffer.from(passphrase.reveal().normalize('NFC'), 'utf8')
  const key = await inTurn(() =>
    hashRaw(bytes, {
      memoryCost: facts.memoryKib,
      timeCost: facts.passes,
      parallelism: facts.lanes,
      outputLen: 32,
      salt: Buffer.from(facts.salt, 'base64'),
    }),
  )
  return { id: '0000', key }
}
