import { fail } from '../lib/errors.ts'

/** A PEM block, freed from what pasting did to it. */
export interface KeyText {
  /** Between BEGIN and the dashes, e.g. `OPENSSH PRIVATE KEY`. */
  readonly label: string
  readonly isEncrypted: boolean
  readonly bytes: Buffer
  /** The same block in its usual form. */
  readonly pem: string
}

/** Longest text that is taken for a key; an RSA key of 16,384 bits has 13 KiB. */
const longestText = 65_536

/** Line ends of one kind, no byte order mark, no blanks around lines; `\n` written as two characters counts too. */
export function tidyText(text: string): string {
  if (text.length > longestText)
    throw fail('key.unrecognised', { detail: 'This is too long for a private key.' })
  const broken = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  const whole = broken.trim().includes('\n') ? broken : broken.replace(/\\r|\\n/g, '\n')
  return whole
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .trim()
}

export const isPpk = (tidy: string): boolean => tidy.startsWith('PuTTY-User-Key-File-')

/** Finds the private key in a text. Throws `key.is_public`, `key.damaged`, `key.unsupported`, `key.unrecognised`. */
export function parseKeyText(tidy: string): KeyText {
  const begin = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----/.exec(tidy)
  if (!begin) throw notPrivate(tidy)
  const label = begin[1] ?? ''
  const start = begin.index + begin[0].length
  const end = tidy.indexOf(`-----END ${label}-----`, start)
  if (end < 0) throw fail('key.damaged', { detail: `The last line is missing: -----END ${label}-----` })
  let body = tidy.slice(start, end)
  const cipher = /DEK-Info:\s*([A-Z0-9-]+,[0-9A-Fa-f]+)/.exec(body)?.[1]
  body = body.replace(/Proc-Type:\s*4,ENCRYPTED|DEK-Info:\s*[A-Z0-9-]+,[0-9A-Fa-f]+/g, '').replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body)) throw fail('key.damaged')
  const headers = cipher === undefined ? '' : `Proc-Type: 4,ENCRYPTED\nDEK-Info: ${cipher}\n\n`
  const lines = body.replace(/.{1,64}/g, '$&\n')
  return {
    label,
    isEncrypted: cipher !== undefined || label.startsWith('ENCRYPTED'),
    bytes: Buffer.from(body, 'base64'),
    pem: `-----BEGIN ${label}-----\n${headers}${lines}-----END ${label}-----\n`,
  }
}

function notPrivate(tidy: string) {
  const isPublicLine = /(^|\s)(ssh-(rsa|dss|ed25519)|ecdsa-sha2-\w+|sk-[\w@.-]+) AAAA/.test(tidy)
  if (isPublicLine || /BEGIN [A-Z0-9 ]*PUBLIC KEY/.test(tidy)) return fail('key.is_public')
  if (/BEGIN SSH2 [A-Z ]*PRIVATE KEY/.test(tidy)) return fail('key.unsupported')
  return fail('key.unrecognised')
}
