import { createHmac } from 'node:crypto'

/** One line as it is hashed; `detail` is the JSON text as it is stored. */
export interface AuditLine {
  readonly seq: number
  readonly at: string
  readonly actor: string
  readonly ip: string | null
  readonly action: string
  readonly target: string | null
  readonly detail: string
}

export interface ChainedLine extends AuditLine {
  readonly previousHash: string
  readonly hash: string
}

/** What stands before the first line. */
export const chainStart = '0'.repeat(64)

/**
 * The hash of a line behind the one with `previousHash`: HMAC-SHA256 with the key of the chain, hex. Every field has its
 * fixed place.
 */
export function hashOf(line: AuditLine, previousHash: string, key: Buffer): string {
  const { seq, at, actor, ip, action, target, detail } = line
  const text = JSON.stringify([previousHash, seq, at, actor, ip, action, target, detail])
  return createHmac('sha256', key).update(text).digest('hex')
}

/** What is wrong with a line: its own text, or what stood before it. */
type Break = 'changed' | 'removed'

/**
 * Judges a line by the one before it, null for the oldest there is. Retention takes lines from the old end, so whether
 * the oldest may be the oldest is judged by `isBeginning`.
 */
export function breakOf(
  line: ChainedLine,
  before: Pick<ChainedLine, 'seq' | 'hash'> | null,
  key: Buffer,
): Break | null {
  if (line.hash !== hashOf(line, line.previousHash, key)) return 'changed'
  if (before === null) return null
  return line.seq === before.seq + 1 && line.previousHash === before.hash ? null : 'removed'
}

/** What retention left behind of the lines it took: the number and hash of the newest of them. */
export interface Trimmed {
  readonly upToSeq: number
  readonly hash: string
}

/** Whether the trail may begin with this line: it is the very first, or a line tells that retention took the others. */
export function isBeginning({ seq, previousHash }: ChainedLine, trimmed: readonly Trimmed[]): boolean {
  if (seq === 1) return previousHash === chainStart
  return trimmed.some(({ upToSeq, hash }) => upToSeq === seq - 1 && hash === previousHash)
}
