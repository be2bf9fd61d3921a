import { fail } from '../lib/errors.ts'
import type { KeptFinding } from './findings.ts'
import { rankOf } from './rank.ts'
import type { FindingPlace } from './finding-store.ts'

/**
 * A cursor says after which finding a list goes on. It names no key, because keys may be longer than a cursor: the
 * findings that one agent saw at one moment on one node are counted instead.
 */
const between = '~'

/** The cursor behind the last of these findings, which follow each other in the list. */
export function toCursor(findings: readonly KeptFinding[], from: FindingPlace | null): string | null {
  const last = findings.at(-1)
  if (!last) return null
  const place = placeOf(last)
  const equals = findings.filter((finding) => isSamePlace(placeOf(finding), place)).length
  const before = from && isSamePlace(from, place) ? from.skip : 0
  const { rank, lastSeenAt, nodeId, agentId } = place
  return [rank, lastSeenAt, nodeId, agentId, before + equals].join(between)
}

/** Reads a cursor back. Throws `request.invalid` for one that this list never gave. */
export function parseCursor(cursor: string): FindingPlace {
  const [rank = '', lastSeenAt = '', nodeId = '', agentId = '', skip = '', ...rest] = cursor.split(between)
  if (
    !/^[0-3]$/.test(rank) ||
    !/^\d{1,6}$/.test(skip) ||
    Number.isNaN(Date.parse(lastSeenAt)) ||
    rest.length > 0
  ) {
    throw fail('request.invalid', {
      detail: 'This is no cursor of the list of findings.',
      issues: [{ path: 'cursor', message: 'Start the list again without a cursor' }],
    })
  }
  return { rank: Number(rank), lastSeenAt, nodeId, agentId, skip: Number(skip) }
}

const placeOf = ({ severity, lastSeenAt, nodeId, agentId }: KeptFinding) => ({
  rank: rankOf(severity),
  lastSeenAt,
  nodeId,
  agentId,
})

type Place = Omit<FindingPlace, 'skip'>
const isSamePlace = (a: Place, b: Place): boolean =>
  a.rank === b.rank && a.lastSeenAt === b.lastSeenAt && a.nodeId === b.nodeId && a.agentId === b.agentId
