import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AuditEntry, AuditVerdict } from '../../contract/audit.ts'
import type { PageQuery } from '../../contract/page.ts'
import type { Database, Tx } from '../db/database.ts'
import { type Actor, serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import {
  beginningsOf,
  breakOf,
  type ChainedLine,
  chainStart,
  follows,
  gapsOf,
  hashOf,
  type Place,
  sealOf,
  type Trimmed,
} from './chain.ts'
import type { Checkpoint } from './checkpoint.ts'
import { toDetailText } from './detail.ts'
import { type AuditFormat, csvHead, toText } from './export.ts'
import type { AuditKeys } from './keys.ts'
import { createAuditStore } from './store.ts'

interface AuditTools {
  db: Database
  clock: Clock
  keys: Pick<AuditKeys, 'chain'>
}

/** What someone did. The detail holds facts, never secrets. */
export interface AuditNote {
  readonly actor: Actor
  readonly action: string
  readonly target: string | null
  readonly detail: Record<string, unknown>
}

/** What a line is called that stands for those that retention took. */
const trimAction = 'audit.trimmed'
/** … and that some were taken out of the middle. */
const thinAction = 'audit.thinned'
/** What ran on nodes: by far the most lines, and the first that nobody needs any more. */
const commandActions = ['command.ran', 'command.denied'] as const
/** Lines read at a time when the whole trail is gone through. */
const stride = 1_000
/** Most characters of an action or a target: what the filters of the list accept. */
const longestAction = 100
const longestTarget = 300

/**
 * The audit trail: one line for everything that was done, written in the transaction of what it tells, so that
 * neither is there without the other. Each line is closed with a key over the one before: that shows lines that were
 * changed, taken out or made up by whoever has the database alone. That the newest are missing, only a checkpoint shows.
 */
export function createAudit({ db, clock, keys }: AuditTools) {
  const store = createAuditStore(db)

  /** Adds a line. When it cannot be written it throws, and with it the change it belongs to is undone. */
  async function append(tx: Tx, { actor, action, target, detail }: AuditNote): Promise<void> {
    // Transactions wait for each other, so nobody else reads the same newest line.
    const head = await store.head(tx)
    const previousHash = head?.hash ?? chainStart
    const line = {
      seq: (head?.seq ?? 0) + 1,
      at: clock.now().toISOString(),
      actor: actor.name,
      ip: actor.ip,
      action: action.slice(0, longestAction),
      target: target?.slice(0, longestTarget).toWellFormed() ?? null,
      detail: toDetailText(detail),
    }
    await store.insert(tx, { ...line, previousHash, hash: hashOf(line, previousHash, keys.chain) })
  }

  /** One page, newest first; the cursor is the number of the last line seen. */
  async function list({
    cursor,
    limit,
    action,
    target,
  }: PageQuery & { action?: string | undefined; target?: string | undefined }): Promise<{
    items: AuditEntry[]
    nextCursor: string | null
  }> {
    const lines = await store.page({ before: toSeq(cursor), limit: limit + 1, action, target })
    const items = lines.slice(0, limit).map(toEntry)
    return { items, nextCursor: lines.length > limit ? String(items.at(-1)?.seq) : null }
  }

  /** Number and hash of the newest line; null when there is none. */
  const head = async (): Promise<Pick<ChainedLine, 'seq' | 'hash'> | null> =>
    (await store.head(db.read)) ?? null

  /** Goes through the whole chain, from the oldest line that is left, and holds the checkpoints against it. */
  async function verify(checkpoints: readonly Checkpoint[] = []): Promise<AuditVerdict> {
    // Two that tell of different lines by the same number: then one of the lines took the place of the other.
    const known = Map.groupBy(checkpoints, ({ seq }) => seq)
    const trimmed: Trimmed[] = []
    let first: ChainedLine | null = null
    let before: ChainedLine | null = null
    let lines = 0
    let fitting = 0
    for (;;) {
      const page = await store.after(before?.seq ?? 0, stride)
      for (const line of page) {
        const place = before && (await acrossGaps(before, line.seq))
        const what = breakOf(line, place, keys.chain)
        if (what) return { sound: false, seq: line.seq, what }
        const expected = known.get(line.seq) ?? []
        if (expected.some(({ hash }) => hash !== line.hash)) {
          return { sound: false, seq: line.seq, what: 'rewritten' }
        }
        fitting += expected.length
        if (line.action === trimAction) trimmed.push(toFields(line.detail) as unknown as Trimmed)
        first ??= line
        before = line
        lines += 1
      }
      if (page.length < stride) break
      // A long trail is gone through in turns, so that everybody else gets theirs.
      await nextTurn()
    }
    if (first && !(await isBeginning(first, trimmed)))
      return { sound: false, seq: first.seq, what: 'removed' }
    const last = before?.seq ?? 0
    if (checkpoints.some(({ seq }) => seq > last)) return { sound: false, seq: last, what: 'truncated' }
    return { sound: true, lines, checkpoints: fitting }
  }

  /** From a place over all that retention took out behind it, as far as the line with this number. */
  async function acrossGaps(from: Place, seq: number): Promise<Place> {
    let place = from
    while (place.seq + 1 < seq) {
      const gap = await store.gapAt(place.seq + 1)
      const isTrue = gap && gap.previousHash === place.hash && gap.seal === sealOf(gap, keys.chain)
      if (!isTrue) break
      place = { seq: gap.lastSeq, hash: gap.hash }
    }
    return place
  }

  async function isBeginning(first: ChainedLine, trimmed: readonly Trimmed[]): Promise<boolean> {
    for (const beginning of beginningsOf(trimmed)) {
      if (follows(first, await acrossGaps(beginning, first.seq))) return true
    }
    return false
  }

  /**
   * Retention of commands: takes those before a moment out of the trail, however old the lines around them are. A
   * sealed gap stays for each, so that the chain can be followed across.
   */
  async function removeCommandsBefore(before: Date): Promise<number> {
    for (let removed = 0; ; await nextTurn()) {
      const taken = await db.write(async (tx) => {
        const lines = await store.oldest(tx, commandActions, before.toISOString(), stride)
        const [first, last] = [lines[0], lines.at(-1)]
        if (!first || !last) return 0
        // Written first: the newest line is never taken, so the chain goes on behind it.
        const detail = { fromSeq: first.seq, upToSeq: last.seq, lines: lines.length }
        await append(tx, { actor: serverActor, action: thinAction, target: null, detail })
        for (const gap of gapsOf(lines)) {
          await store.insertGap(tx, { ...gap, seal: sealOf(gap, keys.chain) })
          await store.remove(tx, gap)
        }
        return lines.length
      })
      removed += taken
      if (taken < stride) return removed
    }
  }

  /** The trail as a file, oldest first, read while it is sent. That somebody took it is a line of it. */
  async function exportAll(
    {
      format,
      action,
      target,
    }: { format: AuditFormat; action?: string | undefined; target?: string | undefined },
    actor: Actor,
  ): Promise<Readable> {
    const detail = { format, ...(action && { action }), ...(target && { target }) }
    await db.write((tx) => append(tx, { actor, action: 'audit.exported', target: null, detail }))
    const upTo = (await head())?.seq ?? 0
    return Readable.from(texts(), { objectMode: false })

    async function* texts(): AsyncGenerator<string> {
      if (format === 'csv') yield csvHead
      for (let after = 0; after < upTo; ) {
        const lines = await store.after(after, stride, { action, target })
        const last = lines.at(-1)
        if (!last) return
        yield toText(lines.filter(({ seq }) => seq <= upTo).map(toEntry), format)
        after = last.seq
      }
    }
  }

  /** Retention: removes the lines before a moment from the old end, and leaves a line that says so. */
  async function removeBefore(before: Date): Promise<number> {
    return db.write(async (tx) => {
      const last = await store.lastBefore(tx, before.toISOString())
      if (!last) return 0
      // Written first, so that the chain goes on from the newest line even when all others go.
      const detail = { upToSeq: last.seq, hash: last.hash }
      await append(tx, { actor: serverActor, action: trimAction, target: null, detail })
      await store.removeGapsUpTo(tx, last.seq)
      return store.removeUpTo(tx, last.seq)
    })
  }

  return { append, list, exportAll, head, verify, removeBefore, removeCommandsBefore }
}
export type Audit = ReturnType<typeof createAudit>

function toSeq(cursor: string | undefined): number | null {
  if (cursor === undefined) return null
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor)
  throw fail('request.invalid', { issues: [{ path: 'cursor', message: 'Use the nextCursor of a page' }] })
}

const toEntry = ({ previousHash: _, detail, ...line }: ChainedLine): AuditEntry => ({
  ...line,
  detail: toFields(detail),
})

/** What somebody wrote into the file by hand must not keep the rest of the trail from being read. */
function toFields(detail: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(detail)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // Told below.
  }
  return { unreadable: detail }
}
