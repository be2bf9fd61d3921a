import { type Insertable, type Kysely, type Selectable, sql } from 'kysely'
import type { Execution, ExecutionState, JournalEntry, Outcome } from '../../contract/executions.ts'
import { isFinal } from '../../contract/executions.ts'
import type { AgentId, ApprovalId, BatchId, ExecutionId, NodeId } from '../../contract/ids.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import { statesBefore } from './state.ts'

/** How a run is found again on its node after the link or this server went away. */
export interface Reattach {
  /** Seconds the run goes on without us; 0 when it stops at once. */
  readonly leaseS: number
  /** When the agent started, Unix milliseconds by this server's clock: the zero of the frames' `ms`. */
  readonly startedAtMs: number
}

/** An execution with what only the runner needs. */
export interface StoredExecution extends Execution {
  readonly fence: number
  readonly cancelRequestedBy: string | null
  readonly reattach: Reattach | null
}

/** What a new execution is made of. */
export interface NewExecution {
  readonly id: ExecutionId
  readonly batchId: BatchId
  readonly agentId: AgentId
  readonly agentVersion: string
  readonly bundleSha256: string
  readonly nodeId: NodeId
  readonly mode: Execution['mode']
  readonly approvalId: ApprovalId | null
  readonly dryRun: boolean
  readonly options: Record<string, unknown>
  readonly timeoutS: number
  readonly startedBy: string
}

/** Fields that change with a state. */
export interface Progress {
  readonly startedAt?: string | null
  readonly finishedAt?: string
  readonly outcome?: Outcome
  readonly waitingFor?: string | null
  readonly notBefore?: string | null
  readonly reattach?: Reattach | null
  readonly logLines?: number
  readonly verdict?: string | null
  readonly findings?: Execution['findings']
}

export function createExecutionStore(db: Database) {
  const withNames = (reader: Kysely<Tables> | Tx) =>
    reader
      .selectFrom('execution')
      .innerJoin('node', 'node.id', 'execution.node_id')
      .selectAll('execution')
      .select('node.name as node_name')

  async function find(
    id: ExecutionId,
    reader: Kysely<Tables> | Tx = db.read,
  ): Promise<StoredExecution | undefined> {
    const row = await withNames(reader).where('execution.id', '=', id).executeTakeFirst()
    return row && executionFromRow(row)
  }

  async function page(query: {
    before: string | null
    limit: number
    nodeId?: NodeId | undefined
    agentId?: AgentId | undefined
    batchId?: BatchId | undefined
    state?: ExecutionState | undefined
  }): Promise<StoredExecution[]> {
    let rows = withNames(db.read).orderBy('execution.id', 'desc').limit(query.limit)
    if (query.before !== null) rows = rows.where('execution.id', '<', query.before as ExecutionId)
    if (query.nodeId) rows = rows.where('execution.node_id', '=', query.nodeId)
    if (query.agentId) rows = rows.where('execution.agent_id', '=', query.agentId)
    if (query.batchId) rows = rows.where('execution.batch_id', '=', query.batchId)
    if (query.state) rows = rows.where('execution.state', '=', query.state)
    return (await rows.execute()).map(executionFromRow)
  }

  async function insertBatches(
    tx: Tx,
    batches: readonly { id: BatchId; agentId: AgentId; startedBy: string; now: string }[],
  ): Promise<void> {
    for (const some of inParts(batches)) {
      await tx
        .insertInto('batch')
        .values(
          some.map(({ id, agentId, startedBy, now }) => ({
            id,
            agent_id: agentId,
            started_by: startedBy,
            created_at: now,
          })),
        )
        .execute()
    }
  }

  async function insert(tx: Tx, executions: readonly NewExecution[], now: string): Promise<void> {
    for (const some of inParts(executions)) {
      await tx
        .insertInto('execution')
        .values(some.map((execution) => rowOf(execution, now)))
        .execute()
    }
  }

  /** Takes the oldest queued execution whose node has room; two callers never get the same one. */
  async function claimOldest(tx: Tx, { now, fullNodes }: { now: string; fullNodes: readonly NodeId[] }) {
    const oldest = tx
      .selectFrom('execution')
      .select('id')
      .where('active', '=', 1)
      .where('state', '=', 'queued')
      .where((where) => where.or([where('not_before', 'is', null), where('not_before', '<=', now)]))
      .$if(fullNodes.length > 0, (rows) => rows.where('node_id', 'not in', fullNodes))
      .orderBy('id')
      .limit(1)
    const row = await tx
      .updateTable('execution')
      .set({ state: 'connecting', started_at: now, waiting_for: null, fence: sql`fence + 1` })
      .where('id', '=', oldest)
      .where('state', '=', 'queued')
      .returningAll()
      .returning((row) =>
        row.selectFrom('node').whereRef('node.id', '=', 'execution.node_id').select('name').as('node_name'),
      )
      .executeTakeFirst()
    return row && executionFromRow({ ...row, node_name: row.node_name ?? '' })
  }

  /** When the next execution that waits for a later time may start; null when none waits so. */
  async function nextNotBefore(now: string): Promise<string | null> {
    const row = await db.read
      .selectFrom('execution')
      .select((select) => select.fn.min('not_before').as('at'))
      .where('active', '=', 1)
      .where('state', '=', 'queued')
      .where('not_before', '>', now)
      .executeTakeFirst()
    return row?.at ?? null
  }

  /**
   * Moves an execution on, if whoever asks still holds it and it may go there from where it is. False means somebody
   * else has taken it over or moved it elsewhere, and nothing was changed.
   */
  async function move(
    tx: Tx,
    id: ExecutionId,
    fence: number,
    state: ExecutionState,
    progress: Progress = {},
  ) {
    const changed = await tx
      .updateTable('execution')
      .set({ state, active: isFinal(state) ? 0 : 1, ...columnsOf(progress) })
      .where('id', '=', id)
      .where('fence', '=', fence)
      .where('active', '=', 1)
      .where('state', 'in', statesBefore(state))
      .executeTakeFirst()
    return changed.numUpdatedRows === 1n
  }

  /** Notes progress without changing the state. */
  async function note(tx: Tx, id: ExecutionId, progress: Progress): Promise<void> {
    await tx.updateTable('execution').set(columnsOf(progress)).where('id', '=', id).execute()
  }

  /** Takes over an execution that another process had: its late writes change nothing any more. */
  async function takeOver(tx: Tx, id: ExecutionId): Promise<number> {
    const row = await tx
      .updateTable('execution')
      .set({ fence: sql`fence + 1` })
      .where('id', '=', id)
      .returning('fence')
      .executeTakeFirstOrThrow()
    return row.fence
  }

  async function requestCancel(tx: Tx, id: ExecutionId, by: string): Promise<void> {
    await tx
      .updateTable('execution')
      .set({ cancel_requested_by: by })
      .where('id', '=', id)
      .where('cancel_requested_by', 'is', null)
      .execute()
  }

  async function addJournal(
    tx: Tx,
    id: ExecutionId,
    at: string,
    step: string,
    detail: Record<string, unknown>,
  ) {
    await tx
      .insertInto('journal')
      .values({
        execution_id: id,
        seq: sql<number>`(select coalesce(max(seq), 0) + 1 from journal where execution_id = ${id})`,
        at,
        step,
        detail: JSON.stringify(detail),
      })
      .execute()
  }

  async function journal(id: ExecutionId): Promise<JournalEntry[]> {
    const rows = await db.read
      .selectFrom('journal')
      .selectAll()
      .where('execution_id', '=', id)
      .orderBy('seq')
      .execute()
    return rows.map((row) => ({
      seq: row.seq,
      at: row.at,
      step: row.step,
      detail: JSON.parse(row.detail) as Record<string, unknown>,
    }))
  }

  /** Everything that was under way when the server stopped. */
  async function unfinished(): Promise<StoredExecution[]> {
    const rows = await withNames(db.read)
      .where('execution.active', '=', 1)
      .where('execution.state', '!=', 'queued')
      .orderBy('execution.id')
      .execute()
    return rows.map(executionFromRow)
  }

  /** Finished, but the node may still keep the record of the run. */
  async function unacknowledged(): Promise<StoredExecution[]> {
    const rows = await withNames(db.read)
      .where('execution.active', '=', 0)
      .where('execution.reattach', 'is not', null)
      .orderBy('execution.id')
      .execute()
    return rows.map(executionFromRow)
  }

  /** How many wait before this one on the same node, running ones included. */
  async function countAhead(id: ExecutionId, nodeId: NodeId): Promise<number> {
    const row = await db.read
      .selectFrom('execution')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('active', '=', 1)
      .where('node_id', '=', nodeId)
      .where((where) => where.or([where('id', '<', id), where('state', '!=', 'queued')]))
      .where('id', '!=', id)
      .executeTakeFirst()
    return row?.count ?? 0
  }

  return {
    find,
    page,
    insertBatches,
    insert,
    claimOldest,
    nextNotBefore,
    move,
    note,
    takeOver,
    requestCancel,
    addJournal,
    journal,
    unfinished,
    unacknowledged,
    countAhead,
  }
}
export type ExecutionStore = ReturnType<typeof createExecutionStore>

/** Rows of one statement; the database takes no more than so many values. */
const rowsAtOnce = 500

function* inParts<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let first = 0; first < items.length; first += rowsAtOnce) yield items.slice(first, first + rowsAtOnce)
}

const rowOf = (execution: NewExecution, now: string): Insertable<Tables['execution']> => ({
  id: execution.id,
  batch_id: execution.batchId,
  agent_id: execution.agentId,
  agent_version: execution.agentVersion,
  bundle_sha256: execution.bundleSha256,
  node_id: execution.nodeId,
  state: 'queued',
  active: 1,
  mode: execution.mode,
  approval_id: execution.approvalId,
  dry_run: execution.dryRun ? 1 : 0,
  options: JSON.stringify(execution.options),
  timeout_s: execution.timeoutS,
  started_by: execution.startedBy,
  queued_at: now,
  not_before: null,
  waiting_for: null,
  started_at: null,
  finished_at: null,
  outcome: null,
  log_lines: 0,
  verdict: null,
  finding_counts: null,
  cancel_requested_by: null,
  reattach: null,
})

function columnsOf(progress: Progress) {
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value))
  return {
    ...(progress.startedAt !== undefined && { started_at: progress.startedAt }),
    ...(progress.finishedAt !== undefined && { finished_at: progress.finishedAt }),
    ...(progress.outcome !== undefined && { outcome: json(progress.outcome) }),
    ...(progress.waitingFor !== undefined && { waiting_for: progress.waitingFor }),
    ...(progress.notBefore !== undefined && { not_before: progress.notBefore }),
    ...(progress.reattach !== undefined && { reattach: json(progress.reattach) }),
    ...(progress.logLines !== undefined && { log_lines: progress.logLines }),
    ...(progress.verdict !== undefined && { verdict: progress.verdict }),
    ...(progress.findings !== undefined && { finding_counts: json(progress.findings) }),
  }
}

function executionFromRow(row: Selectable<Tables['execution']> & { node_name: string }): StoredExecution {
  return {
    id: row.id,
    batchId: row.batch_id,
    agentId: row.agent_id,
    agentVersion: row.agent_version,
    bundleSha256: row.bundle_sha256,
    nodeId: row.node_id,
    nodeName: row.node_name,
    state: row.state as ExecutionState,
    mode: row.mode,
    approvalId: row.approval_id,
    dryRun: row.dry_run === 1,
    options: JSON.parse(row.options) as Record<string, unknown>,
    timeoutS: row.timeout_s,
    startedBy: row.started_by,
    queuedAt: row.queued_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    waitingFor: row.waiting_for,
    outcome: row.outcome === null ? null : (JSON.parse(row.outcome) as Outcome),
    logLines: row.log_lines,
    verdict: row.verdict,
    findings: row.finding_counts === null ? null : (JSON.parse(row.finding_counts) as Execution['findings']),
    fence: row.fence,
    cancelRequestedBy: row.cancel_requested_by,
    reattach: row.reattach === null ? null : (JSON.parse(row.reattach) as Reattach),
  }
}
