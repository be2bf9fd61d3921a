import { type AuthorizedKey, formatAuthorizedKey, parseAuthorizedKey } from '../../ssh/authorized-keys.ts'

/** What became of a text of authorized keys. */
export type Edit =
  | { readonly kind: 'same' }
  | { readonly kind: 'changed'; readonly text: string }
  /** It is not safe to change it. */
  | { readonly kind: 'refused'; readonly why: string }

/** Takes the line of a public key apart. Only ours come here, so one that is no key is a bug. */
export function toKey(publicKey: string): AuthorizedKey {
  const key = parseAuthorizedKey(publicKey)
  if (!key) throw new Error('not the line of a public key')
  return key
}

export const holds = (text: string, { blob }: AuthorizedKey): boolean =>
  text.split('\n').some((line) => parseAuthorizedKey(line)?.blob === blob)

/** The line for the new key: whatever stands in front of the old one (`restrict`, `from=`, `command=`) holds for it too. */
export function lineFor(text: string, old: AuthorizedKey, next: AuthorizedKey): string | null {
  const before = text
    .split('\n')
    .map(parseAuthorizedKey)
    .find((key) => key?.blob === old.blob)
  if (!before) return null
  try {
    return formatAuthorizedKey({ ...next, options: before.options })
  } catch {
    // An option that cannot be written again exactly is not guessed at.
    return null
  }
}

/** Adds the line of the new key behind all others; what is there stays as it is, byte for byte. */
export function withNext(text: string, old: AuthorizedKey, next: AuthorizedKey): Edit {
  if (holds(text, next)) return { kind: 'same' }
  const line = lineFor(text, old, next)
  if (line === null) return { kind: 'refused', why: 'The line of the old key is not there as it should be.' }
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return { kind: 'changed', text: `${start}${line}\n` }
}

/**
 * Takes out every line with this key, and nothing else. Refuses where the key that has to stay is not in the text: then
 * nobody knows what would still open the node.
 */
export function without(text: string, leaving: AuthorizedKey, needed: AuthorizedKey): Edit {
  if (!holds(text, leaving)) return { kind: 'same' }
  if (!holds(text, needed)) return { kind: 'refused', why: 'The line of the key that stays is not there.' }
  // Each line with its own end, so that what is added later begins a line of its own.
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const staying = lines.filter((line) => parseAuthorizedKey(line)?.blob !== leaving.blob)
  return { kind: 'changed', text: staying.join('') }
}
