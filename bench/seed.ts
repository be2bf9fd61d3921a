import type { Insertable } from 'kysely'
import type { AgentId, BatchId, ExecutionId, NodeId } from '../contract/ids.ts'
import { openDatabase } from '../server/db/open.ts'
import type { Tables } from '../server/db/tables.ts'
import { plainOutcome } from '../server/executions/outcome.ts'
import { createIds } from '../server/lib/id.ts'
import { createLogger } from '../server/lib/logger.ts'
import { systemClock } from '../server/lib/clock.ts'

export interface Seeded {
  readonly nodeIds: readonly NodeId[]
  readonly nodeNames: readonly string[]
  readonly executionIds: readonly ExecutionId[]
}

/** Rows in one statement: the variables of a statement are limited. */
const atOnce = 500
const agents = ['system-health', 'docker-janitor', 'backup-validator', 'never-fails'] as AgentId[]
const minuteMs = 60_000

/** Fills the database of a stopped server with nodes, and with executions a minute apart that ended up to now. */
export async function seed(folder: string, count: { nodes: number; executions: number }): Promise<Seeded> {
  const logger = createLogger('silent')
  const db = await openDatabase({
    folder,
    clock: systemClock,
    logger,
    allowNetworkStorage: true,
    appVersion: '0.0.0',
  })
  const now = new Date().toISOString()
  const newNodeId = createIds(systemClock)
  const nodes = Array.from({ length: count.nodes }, (_, at) => nodeRow(newNodeId('nod'), at, now))
  const firstAtMs = Date.now() - count.executions * minuteMs
  const batchIds = new Map<number, BatchId>()
  const executions = Array.from({ length: count.executions }, (_, at) => {
    const atMs = firstAtMs + at * minuteMs
    const newId = createIds({ ...systemClock, now: () => new Date(atMs) })
    const batch = Math.floor(at / 100)
    if (!batchIds.has(batch)) batchIds.set(batch, newId('bat'))
    const nodeId = nodes[(at * 7_919) % nodes.length]?.id
    return executionRow(
      newId('exe'),
      batchIds.get(batch) ?? null,
      nodeId as NodeId,
      at,
      new Date(atMs).toISOString(),
    )
  })
  const batches = [...batchIds.values()].map((id) => ({
    id,
    agent_id: agents[0] as AgentId,
    started_by: 'local',
    created_at: now,
  }))
  await db.write(async (tx) => {
    for (const rows of slices(nodes)) await tx.insertInto('node').values(rows).execute()
    for (const rows of slices(batches)) await tx.insertInto('batch').values(rows).execute()
    for (const rows of slices(executions)) await tx.insertInto('execution').values(rows).execute()
  })
  await db.close()
  return {
    nodeIds: nodes.map(({ id }) => id),
    nodeNames: nodes.map(({ name }) => name),
    executionIds: executions.map(({ id }) => id),
  }
}

function slices<Item>(items: readonly Item[]): Item[][] {
  const parts: Item[][] = []
  for (let from = 0; from < items.length; from += atOnce) parts.push(items.slice(from, from + atOnce))
  return parts
}

function nodeRow(id: NodeId, at: number, now: string) {
  return {
    id,
    name: `node-${String(at).padStart(5, '0')}`,
    host: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
    port: 22,
    username: 'root',
    credential_id: null,
    jump_node_id: null,
    transport: 'builtin',
    elevation: 'none',
    legacy_algorithms: 0,
    tags: JSON.stringify([`rack-${at % 40}`, ...(at % 100 === 0 ? ['storage'] : [])]),
    allowed_agents: null,
    connections_per_hour: null,
    paused: 0,
    platform: JSON.stringify({ os: 'Linux 6.1.0 x86_64, debian 12', python: '3.11.2', uid: '0' }),
    python_hint: '/usr/bin/python3',
    last_seen_at: now,
    last_problem: null,
    created_at: now,
    updated_at: now,
  } satisfies Insertable<Tables['node']>
}

function executionRow(id: ExecutionId, batchId: BatchId | null, nodeId: NodeId, at: number, time: string) {
  const agentId = agents[at % agents.length] as AgentId
  const fails = agentId !== 'never-fails' && at % 50 === 0
  const state = at % 20_011 === 0 ? 'lost' : fails ? 'failed' : 'succeeded'
  return {
    id,
    batch_id: batchId,
    agent_id: agentId,
    agent_version: '1.0.0',
    bundle_sha256: 'a'.repeat(64),
    node_id: nodeId,
    state,
    active: 0,
    dry_run: 0,
    options: '{}',
    timeout_s: 300,
    started_by: 'local',
    queued_at: time,
    not_before: null,
    waiting_for: null,
    started_at: time,
    finished_at: time,
    outcome: JSON.stringify({ ...plainOutcome, kind: state, exitCode: 0, attempts: 1 }),
    log_lines: 40,
    verdict: 'Nothing needs you.',
    finding_counts: JSON.stringify({ critical: 0, high: 0, warning: 1, info: 2 }),
    cancel_requested_by: null,
    reattach: null,
  } satisfies Insertable<Tables['execution']>
}
