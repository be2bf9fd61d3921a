import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { Secret } from '../lib/secret.ts'

/** 256 random bits as 43 characters that are safe in URLs, cookies and headers. */
export const newTokenText = (): string => randomBytes(32).toString('base64url')

/**
 * What is kept of a token: SHA-256, hex. A slow hash is for what people make up; nobody can try through 256 random
 * bits.
 */
export const hashOfToken = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Compares in a time that does not depend on where they differ. */
const isSameToken = (text: string, hash: string): boolean =>
  timingSafeEqual(Buffer.from(hashOfToken(text), 'hex'), Buffer.from(hash, 'hex'))

/** One token that lasts as long as the process; only its hash is kept. A new one takes the place of the one before. */
export function createHeldToken() {
  let held: string | null = null

  function issue(): Secret {
    const text = newTokenText()
    held = hashOfToken(text)
    return new Secret(text)
  }

  return {
    issue,
    isIt: (text: string): boolean => held !== null && isSameToken(text, held),
    revoke: (): void => {
      held = null
    },
  }
}
