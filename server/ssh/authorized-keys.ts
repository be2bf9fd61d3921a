import type { CredentialId } from '../../contract/ids.ts'

/** One option in front of a key: `restrict`, or `from="192.0.2.1"`. */
export interface KeyOption {
  /** In small letters: sshd takes no notice of their size. */
  readonly name: string
  /** Null for an option without `="…"`. */
  readonly value: string | null
}

/** One line of an authorized_keys file. */
export interface AuthorizedKey {
  readonly options: readonly KeyOption[]
  /** `ssh-ed25519` and the like. */
  readonly type: string
  /** Base64 of the key blob: two lines are for the same key when this is equal. */
  readonly blob: string
  readonly comment: string
}

const keyType = '(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+'
/** A key with nothing before it. The blob begins as every key blob does: with the length of its type. */
const keyPattern = new RegExp(
  `^(?<type>${keyType})[ \\t]+(?<blob>AAAA[A-Za-z0-9+/]+={0,2})(?:[ \\t]+(?<comment>.*))?$`,
)
const namePattern = /^[A-Za-z0-9-]+$/
/** What sshd could read otherwise than we mean it: another line, or a word of its own. */
const breaksLine = /[\n\r\0]/

/**
 * Takes one line apart as sshd does. Null for a blank line, a remark, and whatever sshd would pass over: nobody gets in
 * by such a line, and an editor of the file leaves it as it is.
 */
export function parseAuthorizedKey(line: string): AuthorizedKey | null {
  const text = line.trim()
  if (text === '' || text.startsWith('#') || breaksLine.test(text)) return null
  const bare = keyOf(text)
  if (bare) return { options: [], ...bare }
  const end = endOfOptions(text)
  if (end === null) return null
  const options = parseOptions(text.slice(0, end))
  const key = keyOf(text.slice(end).trim())
  return options && key ? { options, ...key } : null
}

/** The line for a key. Throws when a part holds what would end the line or the option: no line is better than another. */
export function formatAuthorizedKey({ options, type, blob, comment }: AuthorizedKey): string {
  const words = [...(options.length > 0 ? [options.map(formatOption).join(',')] : []), type, blob]
  const line = comment ? `${words.join(' ')} ${comment}` : words.join(' ')
  const read = parseAuthorizedKey(line)
  const isSame =
    read?.type === type &&
    read.blob === blob &&
    read.comment === comment.trim() &&
    sameOptions(read.options, options)
  if (!isSame) throw new Error('not a key for a line of authorized_keys')
  return line
}

/** What stands behind our keys on every node, so that a person and we find our own lines again. */
export const commentFor = (credentialId: CredentialId): string => `carl@${credentialId}`

/** Whether a line was put there for this credential; other servers and people have lines of their own. */
export const isLineOf = ({ comment }: AuthorizedKey, credentialId: CredentialId): boolean =>
  comment === commentFor(credentialId)

/** The value of an option, '' for one without, null when it is not there. The first one counts, as in sshd. */
export function optionOf({ options }: Pick<AuthorizedKey, 'options'>, name: string): string | null {
  const found = options.find((option) => option.name === name)
  return found ? (found.value ?? '') : null
}

function keyOf(text: string): Omit<AuthorizedKey, 'options'> | null {
  const found = keyPattern.exec(text)?.groups
  return found?.type && found.blob
    ? { type: found.type, blob: found.blob, comment: found.comment?.trim() ?? '' }
    : null
}

/** Options end at the first blank outside of quotes. A backslash saves a quotation mark, and nothing else. */
function endOfOptions(text: string): number | null {
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (sign === '\\' && text[at + 1] === '"') at++
    else if (sign === '"') isQuoted = !isQuoted
    else if (!isQuoted && (sign === ' ' || sign === '\t')) return at
  }
  return null
}

function parseOptions(text: string): KeyOption[] | null {
  const options: KeyOption[] = []
  const pattern = /(?<name>[A-Za-z0-9-]+)(?:="(?<value>(?:\\"|[^"])*)")?(?<next>,|$)/y
  while (pattern.lastIndex < text.length) {
    const found = pattern.exec(text)?.groups
    if (!found?.name) return null
    options.push({ name: found.name.toLowerCase(), value: found.value?.replaceAll('\\"', '"') ?? null })
    if (!found.next) break
  }
  return options
}

function formatOption({ name, value }: KeyOption): string {
  if (!namePattern.test(name)) throw new Error(`not an option: ${name}`)
  if (value === null) return name
  // A backslash in front of the closing mark would save it.
  if (breaksLine.test(value) || value.endsWith('\\')) throw new Error(`not a value for ${name}`)
  return `${name}="${value.replaceAll('"', '\\"')}"`
}

const sameOptions = (some: readonly KeyOption[], others: readonly KeyOption[]): boolean =>
  some.length === others.length &&
  some.every(({ name, value }, at) => name === others[at]?.name.toLowerCase() && value === others[at].value)
