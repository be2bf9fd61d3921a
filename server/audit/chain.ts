import { createHash } from 'node:crypto'

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

/** The hash of a line behind the one with `previousHash`: SHA-256, hex. Every field has its fixed place. */
export function hashOf(line: AuditLine, previousHash: string): string {
  const { seq, at, actor, ip, action, target, detail } = line
  const text = JSON.stringify([previousHash, seq, at, actor, ip, action, target, detail])
  return createHash('sha256').update(text).digest('hex')
}

/** What is wrong with a line: its own text, or what stood before it. */
export type Break = 'changed' | 'removed'

/**
 * Judges a line by the one before it, null for the oldest there is. Retention takes lines from the old end, so the
 * oldest may have any number; number 1 must stand at the start of the chain.
 */
export function breakOf(line: ChainedLine, before: Pick<ChainedLine, 'seq' | 'hash'> | null): Break | null {
  if (line.hash !== hashOf(line, line.previousHash)) return 'changed'
  if (before === null) return line.seq === 1 && line.previousHash !== chainStart ? 'removed' : null
  return line.seq === before.seq + 1 && line.previousHash === before.hash ? null : 'removed'
}
