import type { Problem } from '../../contract/errors.ts'
import type { AgentId, NodeId } from '../../contract/ids.ts'
import type { DoctorReport, Node, NodeChange, NodeCreate } from '../../contract/nodes.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import { type Actor, needPresence } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { NewId } from '../lib/id.ts'
import type { Secret } from '../lib/secret.ts'
import type { Doctor } from '../ssh/doctor.ts'
import type { Occasions } from '../occasions/occasions.ts'
import type { Pool } from '../ssh/pool.ts'
import type { HostKeyBlob } from '../ssh/transport.ts'
import type { Credentials } from '../vault/credentials.ts'
import type { NodeKeys } from '../vault/node-keys.ts'
import { accessFactsOf, type LoginKnown } from './access-facts.ts'
import { isGranted } from './grants.ts'
import { isBlocking, toHealth } from './health.ts'
import { type NodeStore, type PinnedKey, type StoredNode, withChange } from './store.ts'
import type { Targets } from './target.ts'

interface NodeTools {
  db: Database
  store: NodeStore
  targets: Targets
  credentials: Credentials
  keys: NodeKeys
  pool: Pool
  doctor: Doctor
  audit: Audit
  occasions: Pick<Occasions, 'put'>
  events: EventBus
  clock: Clock
  newId: NewId
  /** Open findings by node; nodes without any may be missing. */
  findingCounts(ids: readonly NodeId[]): Promise<Map<NodeId, Node['findings']>>
}

export type { StoredNode } from './store.ts'

/** How programs are started on a node. */
export interface Rights {
  readonly elevation: Node['elevation']
  readonly pythonHint: string | null
  readonly sudoPassword: Secret | null
}

const noFindings: Node['findings'] = { critical: 0, high: 0, warning: 0, info: 0 }

/** The machines: adding, changing and testing them, and what is known of each. */
export function createNodes(tools: NodeTools) {
  const { db, store, targets, credentials, keys, pool, doctor, audit, occasions, events, clock, newId } =
    tools
  const now = () => clock.now().toISOString()

  async function list(query: {
    cursor?: string | undefined
    limit: number
    search?: string | undefined
    tag?: string | undefined
    health?: Node['health'] | undefined
  }) {
    const rows = await store.page({
      afterName: query.cursor ?? null,
      limit: query.limit + 1,
      search: query.search,
      tag: query.tag,
      health: query.health,
    })
    const items = await present(rows.slice(0, query.limit))
    return { items, nextCursor: rows.length > query.limit ? (items.at(-1)?.name ?? null) : null }
  }

  /** Throws `node.not_found`. */
  async function get(id: NodeId): Promise<Node> {
    const [node] = await present([await stored(id)])
    return node as Node
  }

  async function stored(id: NodeId): Promise<StoredNode> {
    const node = await store.find(id)
    if (!node) throw fail('node.not_found')
    return node
  }

  async function create(wanted: NodeCreate, actor: Actor): Promise<Node> {
    const id = newId('nod')
    await db.write(async (tx) => {
      await check(tx, id, wanted)
      await store.insert(tx, id, wanted, now())
      await audit.append(tx, { actor, action: 'node.created', target: id, detail: described(wanted) })
    })
    events.emit('node.changed', { nodeId: id })
    return get(id)
  }

  async function change(id: NodeId, wanted: NodeChange, actor: Actor): Promise<Node> {
    const before = await db.write(async (tx) => {
      const node = await store.find(id, tx)
      if (!node) throw fail('node.not_found')
      const after = withChange(node, wanted)
      await check(tx, id, after)
      await store.update(tx, id, after, now())
      const isOtherMachine = after.host !== node.host || after.port !== node.port
      // A key was confirmed for one machine at one place; whatever answers elsewhere has to be confirmed anew.
      if (isOtherMachine) await store.unpinAll(tx, id)
      const isOtherLogin = after.username !== node.username || after.credentialId !== node.credentialId
      if ((isOtherMachine || isOtherLogin) && (await store.isRotating(tx, id))) throw fail('key.rotating')
      if (isOtherMachine || isOtherLogin) {
        await store.releaseNode(tx, id)
        await store.forgetProblem(tx, [id])
        await store.forgetAccess(tx, id)
      }
      const detail = { before: described(node), after: described(after) }
      await audit.append(tx, { actor, action: 'node.changed', target: id, detail })
      await recordGrants(tx, id, { before: node.allowedAgents, after: after.allowedAgents }, actor)
      return node
    })
    if (before.credentialId) pool.drop(`${id}:${before.credentialId}`, 'the node was changed')
    events.emit('node.changed', { nodeId: id })
    return get(id)
  }

  /** Which agents may run where is a matter of its own in the audit trail. Null is for all of them. */
  async function recordGrants(
    tx: Tx,
    id: NodeId,
    grants: { before: Node['allowedAgents']; after: Node['allowedAgents'] },
    actor: Actor,
  ): Promise<void> {
    const { before, after } = grants
    const isSame = JSON.stringify(before?.toSorted()) === JSON.stringify(after?.toSorted())
    if (!isSame) await audit.append(tx, { actor, action: 'node.agents-granted', target: id, detail: grants })
  }

  /** Throws `node.agent_not_allowed` for an agent that is not granted (any more). */
  async function checkGrant(tx: Tx, id: NodeId, agentId: AgentId): Promise<void> {
    const node = await store.find(id, tx)
    if (!node) throw fail('node.not_found')
    if (!isGranted(node, agentId)) {
      throw fail('node.agent_not_allowed', { detail: `It is not granted on ${node.name}.` })
    }
  }

  async function remove(id: NodeId, actor: Actor): Promise<void> {
    const node = await stored(id)
    await db.write(async (tx) => {
      if (await store.isUsed(tx, id)) throw fail('node.in_use')
      await store.remove(tx, id)
      await audit.append(tx, { actor, action: 'node.removed', target: id, detail: described(node) })
    })
    if (node.credentialId) pool.drop(`${id}:${node.credentialId}`, 'the node was removed')
    events.emit('node.removed', { nodeId: id })
  }

  /** Trusts exactly this key from now on. A changed machine is confirmed the same way, knowingly. */
  async function confirmHostKey(id: NodeId, key: HostKeyBlob, actor: Actor): Promise<Node> {
    await db.write(async (tx) => {
      const node = await store.find(id, tx)
      if (!node) throw fail('node.not_found')
      const before = ((await store.hostKeys([id], tx)).get(id) ?? []).map(({ fingerprint }) => fingerprint)
      // Another key than before may be another machine.
      if (before.length > 0 && !before.includes(key.fingerprint)) needPresence(actor)
      await store.unpinAll(tx, id)
      await store.pin(tx, id, [key], 'confirmed', now())
      if (node.lastProblem?.code.startsWith('ssh.host_key_')) await store.forgetProblem(tx, [id])
      const detail = { before, confirmed: key.fingerprint }
      await audit.append(tx, { actor, action: 'host-key.confirmed', target: id, detail })
    })
    events.emit('node.changed', { nodeId: id })
    return get(id)
  }

  /** Goes through every step of reaching the node and says what fails, and keeps what it learnt. */
  async function test(id: NodeId, actor: Actor, signal: AbortSignal): Promise<DoctorReport> {
    const node = await stored(id)
    const target = await targets.targetOf(id, { actor, byHand: true })
    const { probe, ...report } = await doctor.examine(target, {
      elevation: node.elevation,
      pythonHint: node.pythonHint,
      withSudoPassword: (use) => withSudoPassword(node, use),
      signal,
    })
    const problem = report.steps.find(({ state }) => state === 'failed')?.problem ?? null
    const access = probe && accessFactsOf(probe, await loginKnown(node))
    await db.write(async (tx) => {
      if (access) await store.recordAccess(tx, id, now(), access)
      if (problem) await store.recordProblem(tx, id, problem)
      else await keepSeen(tx, id, report.platform, report.platform.pythonPath ?? null)
      const detail = { ok: report.ok, problem: problem?.code ?? null }
      await audit.append(tx, { actor, action: 'node.tested', target: id, detail })
    })
    events.emit('node.changed', { nodeId: id })
    return { ...report, nodeId: id }
  }

  async function loginKnown({ id: nodeId, credentialId }: StoredNode): Promise<LoginKnown> {
    const credential = (await credentials.list()).find(({ id }) => id === credentialId)
    const inForce = credentialId && (await keys.inForce({ nodeId, credentialId }))
    return { kind: credential?.kind ?? 'key', publicKey: inForce ? inForce.publicKey : null }
  }

  function withSudoPassword<Result>(
    node: StoredNode,
    use: Parameters<typeof credentials.withSudoPassword<Result>>[1],
  ): Promise<Result> {
    return node.credentialId ? credentials.withSudoPassword(node.credentialId, use) : use(null)
  }

  /** Lends what a program on the node is started with: its rights, and where Python was last time. */
  async function withRights<Result>(
    id: NodeId,
    use: (rights: Rights, node: StoredNode) => Promise<Result>,
  ): Promise<Result> {
    const node = await stored(id)
    const { elevation, pythonHint } = node
    return withSudoPassword(node, (sudoPassword) => use({ elevation, pythonHint, sudoPassword }, node))
  }

  /** An execution or a test reached the node. */
  async function recordSeen(
    id: NodeId,
    platform: Record<string, string>,
    pythonHint: string | null,
  ): Promise<void> {
    await db.write((tx) => keepSeen(tx, id, platform, pythonHint))
    events.emit('node.changed', { nodeId: id })
  }

  async function keepSeen(
    tx: Tx,
    id: NodeId,
    platform: Record<string, string>,
    pythonHint: string | null,
  ): Promise<void> {
    const before = await store.recordSeen(tx, id, now(), platform, pythonHint)
    // A person who had to act knows that the node answers again.
    if (!before?.lastProblem || isBlocking(before.lastProblem.code)) return
    await occasions.put(tx, { kind: 'node-back', nodeId: id, nodeName: before.name })
  }

  async function recordProblem(id: NodeId, problem: Problem): Promise<void> {
    await db.write((tx) => store.recordProblem(tx, id, problem))
    events.emit('node.changed', { nodeId: id })
  }

  /** A new secret deserves a new try on every node that refused the old one, over a new connection. */
  async function onCredentialReplaced(credentialId: NonNullable<StoredNode['credentialId']>): Promise<void> {
    const released = await db.write(async (tx) => {
      const nodeIds = await store.releaseCredential(tx, credentialId)
      await store.forgetProblem(tx, nodeIds)
      return nodeIds
    })
    for (const nodeId of await store.usersOf(credentialId)) {
      pool.drop(`${nodeId}:${credentialId}`, 'the credential was replaced')
    }
    for (const nodeId of released) events.emit('node.changed', { nodeId })
  }

  async function check(tx: Tx, id: NodeId, wanted: NodeCreate): Promise<void> {
    if (await store.hasName(wanted.name, id, tx)) {
      throw fail('node.name_taken', { detail: `A node is already called ${wanted.name}.` })
    }
    if (wanted.credentialId && !(await credentials.exists(wanted.credentialId, tx)))
      throw fail('credential.not_found')
    const seen = new Set<NodeId>([id])
    for (let hop = wanted.jumpNodeId; hop; ) {
      if (seen.has(hop)) throw fail('node.jump_loop')
      seen.add(hop)
      const through = await store.find(hop, tx)
      if (!through) throw fail('node.not_found', { detail: 'The jump host does not exist.' })
      hop = through.jumpNodeId
    }
  }

  async function present(rows: StoredNode[]): Promise<Node[]> {
    const ids = rows.map(({ id }) => id)
    const hostKeys = await store.hostKeys(ids)
    const counts = await tools.findingCounts(ids)
    return rows.map(({ pythonHint: _, ...node }) => {
      const findings = counts.get(node.id) ?? noFindings
      return {
        ...node,
        hostKeys: (hostKeys.get(node.id) ?? []).map(toHostKey),
        findings,
        health: toHealth({ ...node, findings }),
        connected: node.credentialId !== null && pool.isConnected(`${node.id}:${node.credentialId}`),
      }
    })
  }

  return {
    list,
    get,
    stored,
    create,
    change,
    remove,
    confirmHostKey,
    checkGrant,
    accessSeen: store.accessSeen,
    test,
    withRights,
    recordSeen,
    recordProblem,
    onCredentialReplaced,
    forSelection: store.forSelection,
    targetOf: targets.targetOf,
  }
}
export type Nodes = ReturnType<typeof createNodes>

const toHostKey = ({ key: _, ...shown }: PinnedKey) => shown

/** What the audit trail keeps of a node: where it is and how it is reached. */
function described({
  name,
  host,
  port,
  username,
  credentialId,
  jumpNodeId,
  transport,
  elevation,
  tags,
  allowedAgents,
}: NodeCreate) {
  return { name, host, port, username, credentialId, jumpNodeId, transport, elevation, tags, allowedAgents }
}
