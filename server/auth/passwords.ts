import { hash, verify } from '@node-rs/argon2'
import { newTokenText } from './token-text.ts'

/** 19 MiB and two passes of Argon2id, the library's default kind: as OWASP's Password Storage Cheat Sheet asks. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export const hashPassword = (password: string): Promise<string> => hash(toBytes(password), cost)

/** In place of a hash, for whoever has no password and signs in another way. */
export const noPassword = '!'

let nobodysHash: Promise<string> | undefined

/**
 * Says whether a password fits a hash. For a user who does not exist, null, or has none, it does the same work and says no, so that
 * the time of the answer does not tell which names there are.
 */
export async function isPassword(password: string, hashed: string | null): Promise<boolean> {
  nobodysHash ??= hashPassword(newTokenText())
  const isThere = hashed !== null && hashed !== noPassword
  const fits = await verify(isThere ? hashed : await nobodysHash, toBytes(password))
  return isThere && fits
}

/** Keyboards differ in how they compose an é; the person typed the same. */
const toBytes = (password: string): Buffer => Buffer.from(password.normalize('NFC'), 'utf8')
