import type { LogEntry } from '../../contract/executions.ts'

/** An entry on its way into the log, which numbers it. */
export interface LogDraft extends Readonly<Omit<LogEntry, 'seq'>> {
  /**
   * Its place in what the node said, growing; kept on disk but never shown, so that a run which is found again
   * continues where the log ends. Null for what this server says itself.
   */
  readonly q: number | null
}

/** Longest text of one entry, and longest typed message of one, bytes. */
export const longestText = 262_144

/** The line of an entry on disk. Texts and messages that are too long are cut, and say so. */
export function toLine(seq: number, draft: LogDraft): Buffer {
  const { at, stream, level, q } = draft
  const kept = { seq, at, stream, level, text: capText(draft.text), message: capMessage(draft.message) }
  return Buffer.from(`${JSON.stringify(q === null ? kept : { ...kept, q })}\n`)
}

/** Reads a line of our own back; null when it was torn by a crash. */
export function parseLine(line: string): { entry: LogEntry; q: number | null } | null {
  try {
    const { q, ...entry } = JSON.parse(line) as LogEntry & { q?: number }
    return typeof entry.seq === 'number' ? { entry, q: q ?? null } : null
  } catch {
    return null
  }
}

/** An entry as a line of plain text. Control characters are shown, not sent: a terminal would obey them. */
export function toText({ at, stream, text }: LogEntry): string {
  const shown = text.replace(controlCharacters, (character) => {
    const code = character.codePointAt(0) ?? 0
    return `\\x${code.toString(16).padStart(2, '0')}`
  })
  return `${at} ${stream.padEnd(6)} ${shown}\n`
}

/** All of C0 and C1 but tab. */
const controlCharacters = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g

function capText(text: string): string {
  // A UTF-16 unit takes at most three bytes, so most texts need no counting.
  if (text.length * 3 <= longestText) return text
  const bytes = Buffer.from(text)
  if (bytes.length <= longestText) return text
  let end = longestText
  while (isContinuation(bytes[end])) end--
  return `${bytes.toString('utf8', 0, end)} … [cut: ${end} of ${bytes.length} bytes]`
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

function capMessage(message: LogEntry['message']): LogEntry['message'] {
  if (message === null) return null
  const length = JSON.stringify(message).length
  return length <= longestText ? message : { kind: message.kind, cutFromLength: length }
}
