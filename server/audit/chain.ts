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

/** Judges a line by what stands before it, null where that is not known yet. */
export function breakOf(line: ChainedLine, before: Place | null, key: Buffer): Break | null {
  if (line.hash !== hashOf(line, line.previousHash, key)) return 'changed'
  return before === null || follows(line, before) ? null : 'removed'
}

/** Whether a line stands right behind a place. */
export const follows = (
  { seq, previousHash }: Pick<ChainedLine, 'seq' | 'previousHash'>,
  before: Place,
): boolean => seq === before.seq + 1 && previousHash === before.hash

/** What retention left behind of the lines it took: the number and hash of the newest of them. */
export interface Trimmed {
  readonly upToSeq: number
  readonly hash: string
}

/** A place in the chain: the line that stands there, or stood there. */
export type Place = Pick<ChainedLine, 'seq' | 'hash'>

/** Where the trail may begin: before the very first line, or behind those that retention took. */
export const beginningsOf = (trimmed: readonly Trimmed[]): Place[] => [
  { seq: 0, hash: chainStart },
  ...trimmed.map(({ upToSeq, hash }) => ({ seq: upToSeq, hash })),
]

/** Lines in a row that retention took out of the middle: they led from `previousHash` to `hash`. */
export interface Gap {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly previousHash: string
  readonly hash: string
}

/** What shows that a gap was left by retention: HMAC-SHA256 with the key of the chain, hex. */
export function sealOf({ firstSeq, lastSeq, previousHash, hash }: Gap, key: Buffer): string {
  const text = JSON.stringify(['carl:v1:audit-gap', firstSeq, lastSeq, previousHash, hash])
  return createHmac('sha256', key).update(text).digest('hex')
}

/** Lines of which some stand in a row, as the gaps they leave. They come in order. */
export function gapsOf(lines: readonly Pick<ChainedLine, 'seq' | 'previousHash' | 'hash'>[]): Gap[] {
  const gaps: Gap[] = []
  for (const { seq, previousHash, hash } of lines) {
    const last = gaps.at(-1)
    if (last?.lastSeq === seq - 1) gaps[gaps.length - 1] = { ...last, lastSeq: seq, hash }
    else gaps.push({ firstSeq: seq, lastSeq: seq, previousHash, hash })
  }
  return gaps
}
