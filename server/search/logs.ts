import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ExecutionId } from '../../contract/ids.ts'
import type { SearchGroup, SearchHit } from '../../contract/search.ts'
import type { Logs } from '../executions/log.ts'
import type { Clock } from '../lib/clock.ts'
import { momentOf } from '../lib/id.ts'
import type { SearchStore } from './store.ts'
import { excerpt, hasAll } from './words.ts'

/** One search reads no more of logs than this; the rest is for the next page. */
const bounds = { entries: 120_000, executions: 400, ms: 700 } as const
/** One talkative log may not push out all others; in its own page every hit is found. */
const hitsOfOne = 5
/** Read at a time: a few milliseconds of work. */
const stride = { entries: 1_000, bytes: 262_144 } as const

interface LogSearchTools {
  readonly store: Pick<SearchStore, 'logged'>
  readonly readLog: Logs['read']
  readonly clock: Clock
}

/** Finds words in the logs of executions, the newest first, within bounds: a cursor goes on where it stopped. */
export function createLogSearch({ store, readLog, clock }: LogSearchTools) {
  return async function inLogs(
    words: readonly string[],
    { cursor, limit, signal }: { cursor: string | undefined; limit: number; signal: AbortSignal },
  ): Promise<SearchGroup> {
    const start = parseCursor(cursor)
    const untilMs = clock.monotonicMs() + bounds.ms
    const items: SearchHit[] = []
    let entries = 0
    const executions = await store.logged(start?.id ?? null, bounds.executions + 1)
    const group = (stop: { id: ExecutionId; after: number } | null): SearchGroup => ({
      kind: 'log',
      items,
      nextCursor: stop && `${stop.id}~${stop.after}`,
      lookedBackTo: stop && momentOf(stop.id).toISOString(),
    })

    for (const [
      place,
      { id, node_id: nodeId, node_name: nodeName, agent_id: agentId },
    ] of executions.entries()) {
      let after = id === start?.id ? start.after : 0
      if (items.length >= limit || place === bounds.executions) return group({ id, after })
      for (let ofThis = 0; ofThis < hitsOfOne; ) {
        if (entries >= bounds.entries || clock.monotonicMs() >= untilMs) return group({ id, after })
        signal.throwIfAborted()
        const { items: lines } = await readLog(id, after, stride.entries, stride.bytes)
        if (lines.length === 0) break
        entries += lines.length
        for (const { seq, at, stream, text } of lines) {
          after = seq
          if (!hasAll(text, words)) continue
          items.push({
            kind: 'log',
            nodeId,
            nodeName,
            agentId,
            executionId: id,
            seq,
            stream,
            text: excerpt(text, words),
            at,
          })
          if (items.length >= limit) return group({ id, after })
          if (++ofThis >= hitsOfOne) break
        }
        await nextTurn()
      }
    }
    return group(null)
  }
}

function parseCursor(cursor: string | undefined): { id: ExecutionId; after: number } | null {
  const [, id, after] = /^(exe_[0-9a-z]{26})~(\d{1,12})$/.exec(cursor ?? '') ?? []
  return id === undefined ? null : { id: id as ExecutionId, after: Number(after) }
}
