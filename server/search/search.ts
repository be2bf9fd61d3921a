import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Request } from '../../contract/endpoint.ts'
import type { Permission } from '../../contract/permissions.ts'
import {
  type SearchGroup,
  type SearchHit,
  searchKind,
  type searchApi,
  type SearchKind,
} from '../../contract/search.ts'
import type { Logs } from '../executions/log.ts'
import { type Actor, mayDo } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import type { Database } from '../db/database.ts'
import { fail } from '../lib/errors.ts'
import { factsOf } from '../../contract/fact-paths.ts'
import { createLogSearch } from './logs.ts'
import { createSearchStore } from './store.ts'
import { excerpt, hasAll, partsInJson, wordsOf } from './words.ts'

interface SearchTools {
  readonly db: Database
  readonly readLog: Logs['read']
  readonly clock: Clock
}

/** Who may read a thing may find it. */
const permissionOf = {
  node: 'node.read',
  finding: 'finding.read',
  fact: 'execution.read',
  log: 'execution.read',
  audit: 'audit.read',
} as const satisfies Record<SearchKind, Permission>

/** Nodes whose newest reports are read at a time, and most of them for one answer. */
const nodesAtOnce = 20
const nodesMax = 400
/** Slices of the trail for one answer. */
const slicesMax = 10

interface Wanted {
  readonly words: readonly string[]
  readonly cursor: string | undefined
  readonly limit: number
  readonly signal: AbortSignal
}

/**
 * Finds words wherever the product keeps them. It reads what is there rather than an index of its own: that would cost
 * every run a second writing, and a homelab has little enough to look through. What could take long is done in pieces,
 * and stops at a bound with a cursor.
 */
export function createWordSearch({ db, readLog, clock }: SearchTools) {
  const store = createSearchStore(db)
  const inLogs = createLogSearch({ store, readLog, clock })

  /** Throws `auth.forbidden` for one kind that the caller may not read; among all kinds those are left out. */
  async function find(
    { text, kind, cursor, limit }: Request<(typeof searchApi)['search']['find']>['query'],
    actor: Actor,
    signal: AbortSignal,
  ): Promise<{ groups: SearchGroup[] }> {
    if (kind && !mayDo(actor, permissionOf[kind])) throw fail('auth.forbidden')
    const kinds = kind ? [kind] : searchKind.options.filter((one) => mayDo(actor, permissionOf[one]))
    const wanted = { words: wordsOf(text), cursor: kind && cursor, limit, signal }
    const groups: SearchGroup[] = []
    for (const one of kinds) {
      signal.throwIfAborted()
      groups.push(await ways[one](wanted))
    }
    return { groups }
  }

  async function inNodes({ words, cursor, limit }: Wanted): Promise<SearchGroup> {
    const skip = parseSkip(cursor)
    const rows = await store.nodes(words, skip, limit + 1)
    const items = rows.slice(0, limit).map(({ id, name, host, tags, platform, username }): SearchHit => {
      const known = Object.values(JSON.parse(platform) as Record<string, string>).join(' ')
      const places = [host, username, known, id].filter((place) =>
        words.some((word) => hasAll(place, [word])),
      )
      return {
        kind: 'node',
        nodeId: id,
        nodeName: name,
        text: excerpt(places.join(' · ') || host, words),
        tags: JSON.parse(tags) as string[],
      }
    })
    return { kind: 'node', items, nextCursor: skipTo(rows.length > limit, skip + limit), lookedBackTo: null }
  }

  async function inFindings({ words, cursor, limit }: Wanted): Promise<SearchGroup> {
    const skip = parseSkip(cursor)
    const rows = await store.findings(words, skip, limit + 1)
    const items = rows.slice(0, limit).map((row): SearchHit => {
      const places = [row.key, row.subject, row.fix ?? '', row.evidence]
      const place = hasAll(row.title, words)
        ? (row.fix ?? row.key)
        : (places.find((one) => words.some((word) => hasAll(one, [word]))) ?? row.key)
      return {
        kind: 'finding',
        nodeId: row.node_id,
        nodeName: row.node_name,
        agentId: row.agent_id,
        key: row.key,
        severity: row.severity,
        title: row.title,
        text: excerpt(place, words),
        isOpen: row.resolved_at === null,
        executionId: row.execution_id,
        at: row.last_seen_at,
      }
    })
    return {
      kind: 'finding',
      items,
      nextCursor: skipTo(rows.length > limit, skip + limit),
      lookedBackTo: null,
    }
  }

  /** Newest reports, node by node. The cursor is the name of the last node and how many of its facts were told. */
  async function inFacts({ words, cursor, limit, signal }: Wanted): Promise<SearchGroup> {
    const items: SearchHit[] = []
    const [told = '0', ...rest] = (cursor ?? '').split('~')
    let behind = cursor === undefined ? null : rest.join('~')
    let skip = cursor === undefined ? 0 : Number(told) || 0
    const group = (nextCursor: string | null): SearchGroup => ({
      kind: 'fact',
      items,
      nextCursor,
      lookedBackTo: null,
    })
    for (let seen = 0; seen < nodesMax; seen += nodesAtOnce) {
      signal.throwIfAborted()
      const nodes = await store.nodesBehind(behind, nodesAtOnce)
      const reports = await store.newestReports(
        nodes.map(({ id }) => id),
        partsInJson(words),
      )
      for (const { id, name } of nodes) {
        let place = 0
        for (const report of reports.filter((one) => one.node_id === id)) {
          const { facts } = JSON.parse(report.body) as { facts: Record<string, unknown> }
          for (const [path, value] of factsOf(facts)) {
            const line = `${path} ${value}`
            if (!hasAll(line, words) || ++place <= skip) continue
            if (items.length === limit) return group(`${place - 1}~${behind ?? ''}`)
            items.push({
              kind: 'fact',
              nodeId: id,
              nodeName: name,
              agentId: report.agent_id,
              executionId: report.execution_id,
              path: path.slice(0, 400),
              text: excerpt(String(value), words),
              at: report.created_at,
            })
          }
        }
        skip = 0
        behind = name
      }
      if (nodes.length < nodesAtOnce) return group(null)
      await nextTurn()
    }
    return group(`0~${behind ?? ''}`)
  }

  async function inAudit({ words, cursor, limit, signal }: Wanted): Promise<SearchGroup> {
    const items: SearchHit[] = []
    let before = /^\d{1,15}$/.test(cursor ?? '') ? Number(cursor) : null
    let lookedBackTo: string | null = null
    for (let slice = 0; slice < slicesMax; slice++) {
      signal.throwIfAborted()
      const rows = await store.audit(words, before, limit - items.length)
      for (const { seq, at, actor, action, target, detail } of rows)
        items.push({ kind: 'audit', seq, at, actor, action, target, text: excerpt(detail, words) })
      const last = rows.at(-1)
      if (items.length >= limit && last)
        return { kind: 'audit', items, nextCursor: String(last.seq), lookedBackTo: last.at }
      const end = await store.auditEnd(before)
      if (!end) return { kind: 'audit', items, nextCursor: null, lookedBackTo: null }
      before = end.seq
      lookedBackTo = end.at
      await nextTurn()
    }
    return { kind: 'audit', items, nextCursor: String(before), lookedBackTo }
  }

  const ways: Record<SearchKind, (wanted: Wanted) => Promise<SearchGroup>> = {
    node: inNodes,
    finding: inFindings,
    fact: inFacts,
    log: ({ words, ...wanted }) => inLogs(words, wanted),
    audit: inAudit,
  }

  return { find }
}
export type WordSearch = ReturnType<typeof createWordSearch>

const parseSkip = (cursor: string | undefined): number =>
  /^\d{1,6}$/.test(cursor ?? '') ? Number(cursor) : 0
const skipTo = (hasMore: boolean, skip: number): string | null => (hasMore ? String(skip) : null)
