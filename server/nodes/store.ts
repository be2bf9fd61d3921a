import { type Kysely, type Selectable, sql } from 'kysely'
import type { AccessFacts } from '../../contract/access.ts'
import type { Problem } from '../../contract/errors.ts'
import type { CredentialId, NodeId } from '../../contract/ids.ts'
import type { HostKey, Node, NodeChange, NodeCreate } from '../../contract/nodes.ts'
import type { Database, Tx } from '../db/database.ts'
import { isReal } from '../db/sample-rows.ts'
import type { Tables } from '../db/tables.ts'
import type { HostKeyBlob } from '../ssh/transport.ts'
import { blockingCodes } from './health.ts'

/** A node as it is kept; what is worked out from other places (findings, connection) comes on top. */
export interface StoredNode extends NodeCreate {
  readonly id: NodeId
  readonly platform: Record<string, string>
  readonly pythonHint: string | null
  readonly lastSeenAt: string | null
  readonly lastProblem: Problem | null
  readonly createdAt: string
  readonly updatedAt: string
}

/** A trusted key with its blob; the API shows it without. */
export interface PinnedKey extends HostKey {
  readonly key: string
}

type Reader = Kysely<Tables> | Tx

export function createNodeStore(db: Database) {
  /** Nodes by name, from behind `afterName` on. */
  async function page(query: {
    afterName: string | null
    limit: number
    search: string | undefined
    tag: string | undefined
    health?: Node['health'] | undefined
  }): Promise<StoredNode[]> {
    let rows = db.read.selectFrom('node').selectAll().orderBy(sql`lower(name)`).limit(query.limit)
    // Lower case is the database's on both sides: it leaves Ä as it is, and JavaScript would not.
    if (query.afterName !== null) rows = rows.where(sql<boolean>`lower(name) > lower(${query.afterName})`)
    if (query.search) {
      const pattern = `%${query.search.replace(/[\\%_]/g, '\\$&')}%`
      rows = rows.where(
        sql<boolean>`(lower(name) like lower(${pattern}) escape '\\' or lower(host) like lower(${pattern}) escape '\\')`,
      )
    }
    if (query.tag) {
      rows = rows.where(sql<boolean>`exists (select 1 from json_each(node.tags) where value = ${query.tag})`)
    }
    if (query.health) rows = rows.where(healthIs(query.health))
    return (await rows.execute()).map(nodeFromRow)
  }

  async function find(id: NodeId, reader: Reader = db.read): Promise<StoredNode | undefined> {
    const row = await reader.selectFrom('node').selectAll().where('id', '=', id).executeTakeFirst()
    return row && nodeFromRow(row)
  }

  /** What a selection looks at, for all real nodes, by name: nothing ever runs on a sample. */
  async function forSelection() {
    const rows = await db.read
      .selectFrom('node')
      .select(['id', 'name', 'tags', 'paused', 'allowed_agents'])
      .where(isReal('id'))
      .orderBy(sql`lower(name)`)
      .execute()
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      tags: JSON.parse(row.tags) as string[],
      paused: row.paused === 1,
      allowedAgents: row.allowed_agents === null ? null : (JSON.parse(row.allowed_agents) as string[]),
    }))
  }

  async function hasName(name: string, except: NodeId | null, reader: Reader): Promise<boolean> {
    const row = await reader
      .selectFrom('node')
      .select('id')
      .where(sql<boolean>`lower(name) = lower(${name})`)
      .executeTakeFirst()
    return row !== undefined && row.id !== except
  }

  async function insert(tx: Tx, id: NodeId, node: NodeCreate, now: string): Promise<void> {
    await tx
      .insertInto('node')
      .values({
        id,
        ...columnsOf(node),
        platform: '{}',
        python_hint: null,
        last_seen_at: null,
        last_problem: null,
        created_at: now,
        updated_at: now,
      })
      .execute()
  }

  async function update(tx: Tx, id: NodeId, node: NodeCreate, now: string): Promise<void> {
    await tx
      .updateTable('node')
      .set({ ...columnsOf(node), updated_at: now })
      .where('id', '=', id)
      .execute()
  }

  async function remove(tx: Tx, id: NodeId): Promise<void> {
    await tx.deleteFrom('node').where('id', '=', id).execute()
  }

  /** Whether executions run on it or other nodes jump through it. */
  async function isUsed(tx: Tx, id: NodeId): Promise<boolean> {
    const active = await tx
      .selectFrom('execution')
      .select('id')
      .where('active', '=', 1)
      .where('node_id', '=', id)
      .executeTakeFirst()
    const jumping = await tx.selectFrom('node').select('id').where('jump_node_id', '=', id).executeTakeFirst()
    return active !== undefined || jumping !== undefined
  }

  /** Whether its key is being renewed: then both keys belong to the account and the machine it has now. */
  async function isRotating(tx: Tx, id: NodeId): Promise<boolean> {
    const row = await tx
      .selectFrom('key_rotation')
      .select('node_id')
      .where('node_id', '=', id)
      .where('ended_at', 'is', null)
      .executeTakeFirst()
    return row !== undefined
  }

  /** Returns what was known of it before. */
  async function recordSeen(
    tx: Tx,
    id: NodeId,
    now: string,
    platform: Record<string, string>,
    pythonHint: string | null,
  ): Promise<{ name: string; lastProblem: Problem | null } | null> {
    // A run tells less of a node than the doctor does; what it does not tell stays.
    const before = await tx
      .selectFrom('node')
      .select(['platform', 'name', 'last_problem'])
      .where('id', '=', id)
      .executeTakeFirst()
    const known = before ? (JSON.parse(before.platform) as Record<string, string>) : {}
    await tx
      .updateTable('node')
      .set({
        last_seen_at: now,
        last_problem: null,
        ...(Object.keys(platform).length > 0 && { platform: JSON.stringify({ ...known, ...platform }) }),
        ...(pythonHint !== null && { python_hint: pythonHint }),
      })
      .where('id', '=', id)
      .execute()
    if (!before) return null
    const { name, last_problem } = before
    return { name, lastProblem: last_problem === null ? null : (JSON.parse(last_problem) as Problem) }
  }

  async function recordProblem(tx: Tx, id: NodeId, problem: Problem): Promise<void> {
    await tx
      .updateTable('node')
      .set({ last_problem: JSON.stringify(problem) })
      .where('id', '=', id)
      .execute()
  }

  /** Nothing is known to be wrong any more: a person dealt with it, and the next connection will tell. */
  async function forgetProblem(tx: Tx, ids: readonly NodeId[]): Promise<void> {
    if (ids.length === 0) return
    await tx.updateTable('node').set({ last_problem: null }).where('id', 'in', ids).execute()
  }

  async function hostKeys(
    ids: readonly NodeId[],
    reader: Reader = db.read,
  ): Promise<Map<NodeId, PinnedKey[]>> {
    const rows = ids.length
      ? await reader
          .selectFrom('host_key')
          .selectAll()
          .where('node_id', 'in', ids)
          .orderBy('pinned_at')
          .execute()
      : []
    const byNode = new Map<NodeId, PinnedKey[]>()
    for (const row of rows) {
      const keys = byNode.get(row.node_id) ?? []
      keys.push({
        type: row.type,
        key: row.key,
        fingerprint: row.fingerprint,
        source: row.source,
        pinnedAt: row.pinned_at,
        seenAt: row.seen_at,
      })
      byNode.set(row.node_id, keys)
    }
    return byNode
  }

  async function recordAccess(tx: Tx, id: NodeId, now: string, facts: AccessFacts): Promise<void> {
    const row = { at: now, facts: JSON.stringify(facts) }
    await tx
      .insertInto('node_access')
      .values({ node_id: id, ...row })
      .onConflict((conflict) => conflict.column('node_id').doUpdateSet(row))
      .execute()
  }

  /** What it told is of another machine or another login now. */
  async function forgetAccess(tx: Tx, id: NodeId): Promise<void> {
    await tx.deleteFrom('node_access').where('node_id', '=', id).execute()
  }

  async function accessSeen(id: NodeId): Promise<{ at: string; facts: AccessFacts } | null> {
    const row = await db.read
      .selectFrom('node_access')
      .selectAll()
      .where('node_id', '=', id)
      .executeTakeFirst()
    return row ? { at: row.at, facts: JSON.parse(row.facts) as AccessFacts } : null
  }

  /** Trusts these keys; one that is trusted already is only marked as seen. */
  async function pin(
    tx: Tx,
    id: NodeId,
    keys: readonly HostKeyBlob[],
    source: 'confirmed' | 'learnt',
    now: string,
  ) {
    for (const { type, key, fingerprint } of keys) {
      await tx
        .insertInto('host_key')
        .values({ node_id: id, type, key, fingerprint, source, pinned_at: now, seen_at: now })
        .onConflict((conflict) => conflict.columns(['node_id', 'key']).doUpdateSet({ seen_at: now }))
        .execute()
    }
  }

  /** A trusted key was shown again. One that is not trusted any more is not trusted by that. */
  async function markSeen(tx: Tx, id: NodeId, { key }: HostKeyBlob, now: string): Promise<void> {
    await tx
      .updateTable('host_key')
      .set({ seen_at: now })
      .where('node_id', '=', id)
      .where('key', '=', key)
      .execute()
  }

  async function unpinAll(tx: Tx, id: NodeId): Promise<void> {
    await tx.deleteFrom('host_key').where('node_id', '=', id).execute()
  }

  async function isQuarantined(node: NodeId, credential: CredentialId): Promise<boolean> {
    const row = await db.read
      .selectFrom('quarantine')
      .select('since')
      .where('node_id', '=', node)
      .where('credential_id', '=', credential)
      .executeTakeFirst()
    return row !== undefined
  }

  async function quarantine(
    tx: Tx,
    node: NodeId,
    credential: CredentialId,
    now: string,
    detail: string,
  ): Promise<void> {
    await tx
      .insertInto('quarantine')
      .values({ node_id: node, credential_id: credential, since: now, detail })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }

  async function releaseNode(tx: Tx, node: NodeId): Promise<void> {
    await tx.deleteFrom('quarantine').where('node_id', '=', node).execute()
  }

  /** The nodes that had refused this credential and are free to try again. */
  async function releaseCredential(tx: Tx, credential: CredentialId): Promise<NodeId[]> {
    const rows = await tx
      .deleteFrom('quarantine')
      .where('credential_id', '=', credential)
      .returning('node_id')
      .execute()
    return rows.map((row) => row.node_id)
  }

  async function usersOf(credential: CredentialId): Promise<NodeId[]> {
    const rows = await db.read
      .selectFrom('node')
      .select('id')
      .where('credential_id', '=', credential)
      .execute()
    return rows.map((row) => row.id)
  }

  return {
    page,
    find,
    forSelection,
    hasName,
    insert,
    update,
    remove,
    isUsed,
    isRotating,
    recordSeen,
    recordProblem,
    forgetProblem,
    recordAccess,
    forgetAccess,
    accessSeen,
    hostKeys,
    pin,
    markSeen,
    unpinAll,
    isQuarantined,
    quarantine,
    releaseNode,
    releaseCredential,
    usersOf,
  }
}
export type NodeStore = ReturnType<typeof createNodeStore>

function columnsOf(node: NodeCreate) {
  return {
    name: node.name,
    host: node.host,
    port: node.port,
    username: node.username,
    credential_id: node.credentialId,
    jump_node_id: node.jumpNodeId,
    transport: node.transport,
    elevation: node.elevation,
    legacy_algorithms: node.legacyAlgorithms ? (1 as const) : (0 as const),
    tags: JSON.stringify(node.tags),
    allowed_agents: node.allowedAgents === null ? null : JSON.stringify(node.allowedAgents),
    connections_per_hour: node.connectionsPerHour,
    paused: node.paused ? (1 as const) : (0 as const),
  }
}

function nodeFromRow(row: Selectable<Tables['node']>): StoredNode {
  return {
    id: row.id,
    name: row.name,
    host: row.host,
    port: row.port,
    username: row.username,
    credentialId: row.credential_id,
    jumpNodeId: row.jump_node_id,
    transport: row.transport,
    elevation: row.elevation,
    legacyAlgorithms: row.legacy_algorithms === 1,
    tags: JSON.parse(row.tags) as string[],
    allowedAgents:
      row.allowed_agents === null ? null : (JSON.parse(row.allowed_agents) as StoredNode['allowedAgents']),
    connectionsPerHour: row.connections_per_hour,
    paused: row.paused === 1,
    platform: JSON.parse(row.platform) as Record<string, string>,
    pythonHint: row.python_hint,
    lastSeenAt: row.last_seen_at,
    lastProblem: row.last_problem === null ? null : (JSON.parse(row.last_problem) as Problem),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

/** What `toHealth` says of a row, asked of the database. A test holds the two together. */
function healthIs(health: Node['health']) {
  const isBlocking = sql<boolean>`json_extract(last_problem, '$.code') in (${sql.join(blockingCodes)})`
  const isTroubled = sql<boolean>`exists (
    select 1 from finding where finding.node_id = node.id and resolved_at is null and acknowledged_at is null
    and severity in ('critical', 'high', 'warning'))`
  const isWell = sql<boolean>`paused = 0 and last_problem is null and last_seen_at is not null`
  switch (health) {
    case 'paused':
      return sql<boolean>`paused = 1`
    case 'blocked':
      return sql<boolean>`paused = 0 and last_problem is not null and ${isBlocking}`
    case 'unreachable':
      return sql<boolean>`paused = 0 and last_problem is not null and not ${isBlocking}`
    case 'unknown':
      return sql<boolean>`paused = 0 and last_problem is null and last_seen_at is null`
    case 'findings':
      return sql<boolean>`${isWell} and ${isTroubled}`
    case 'ok':
      return sql<boolean>`${isWell} and not ${isTroubled}`
  }
}

/** The settings of a node with some of them changed. */
export function withChange(node: StoredNode, change: NodeChange): NodeCreate {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  return { ...node, ...given }
}
