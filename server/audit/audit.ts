import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AuditEntry, AuditVerdict } from '../../contract/audit.ts'
import type { PageQuery } from '../../contract/page.ts'
import type { Database, Tx } from '../db/database.ts'
import { type Actor, serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import { breakOf, type ChainedLine, chainStart, hashOf, isBeginning, type Trimmed } from './chain.ts'
import type { Checkpoint } from './checkpoint.ts'
import { toDetailText } from './detail.ts'
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
        const what = breakOf(line, before, keys.chain)
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
    if (first && !isBeginning(first, trimmed)) return { sound: false, seq: first.seq, what: 'removed' }
    const last = before?.seq ?? 0
    if (checkpoints.some(({ seq }) => seq > last)) return { sound: false, seq: last, what: 'truncated' }
    return { sound: true, lines, checkpoints: fitting }
  }

  /** Retention: removes the lines before a moment from the old end, and leaves a line that says so. */
  async function removeBefore(before: Date): Promise<number> {
    return db.write(async (tx) => {
      const last = await store.lastBefore(tx, before.toISOString())
      if (!last) return 0
      // Written first, so that the chain goes on from the newest line even when all others go.
      const detail = { upToSeq: last.seq, hash: last.hash }
      await append(tx, { actor: serverActor, action: trimAction, target: null, detail })
      return store.removeUpTo(tx, last.seq)
    })
  }

  return { append, list, head, verify, removeBefore }
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
