import { newReadableText } from '../readable-text.ts'
import { hashOfToken } from '../token-text.ts'

const count = 10
/** 15 of 31 letters, 74 bits: nobody tries through these, so a quick hash is enough to keep them. */
const groups = 3

export const newRecoveryCodes = (): string[] => Array.from({ length: count }, () => newReadableText(groups))

/** What is kept of a code, however somebody types what they wrote down. */
export const hashOfRecoveryCode = (code: string): string =>
  hashOfToken(code.toLowerCase().replace(/[^a-z0-9]/g, ''))
