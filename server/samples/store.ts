import { type Kysely, sql } from 'kysely'
import type { Problem } from '../../contract/errors.ts'
import type { Outcome } from '../../contract/executions.ts'
import { agentId, type ExecutionId, type NodeId, type PlanId, type ScheduleId } from '../../contract/ids.ts'
import type { Report } from '../../contract/reports.ts'
import { sampleLike } from '../../contract/sample-ids.ts'
import type { ScheduleSpec } from '../../contract/schedules.ts'
import type { Database, Tx } from '../db/database.ts'
import { isSample } from '../db/sample-rows.ts'
import type { Tables } from '../db/tables.ts'
import type { MadeUpNode, madeUpActions, madeUpExplanation } from './made-up.ts'
import type { KeptRun } from './samples.ts'

type Reader = Kysely<Tables> | Tx

/** Days that a plan of the samples can be looked at before it reads as run out. */
const planDays = 30
const madeBy = 'samples'
const nothing = ''

/** The rows of samples: written as their features write them, and found again by their ids. */
export function createSampleStore(db: Database) {
  async function count(reader: Reader = db.read): Promise<{ samples: number; real: number }> {
    const row = await reader
      .selectFrom('node')
      .select([
        sql<number>`coalesce(sum(id like ${sampleLike}), 0)`.as('samples'),
        sql<number>`coalesce(sum(id not like ${sampleLike}), 0)`.as('real'),
      ])
      .executeTakeFirstOrThrow()
    return { samples: Number(row.samples), real: Number(row.real) }
  }

  async function insertNode(
    tx: Tx,
    node: MadeUpNode & { id: NodeId; seenAt: Date; problem: Problem | null; now: Date },
  ): Promise<void> {
    const at = node.now.toISOString()
    await tx
      .insertInto('node')
      .values({
        id: node.id,
        name: node.name,
        host: `${node.name}.invalid`,
        port: 22,
        username: 'carl',
        credential_id: null,
        jump_node_id: null,
        transport: 'builtin',
        elevation: 'none',
        legacy_algorithms: 0,
        tags: JSON.stringify(node.tags),
        allowed_agents: null,
        connections_per_hour: null,
        paused: 0,
        platform: JSON.stringify(node.platform),
        python_hint: null,
        last_seen_at: node.seenAt.toISOString(),
        last_problem: node.problem && JSON.stringify(node.problem),
        created_at: at,
        updated_at: at,
      })
      .execute()
  }

  async function insertExecution(tx: Tx, run: KeptRun, outcome: Outcome): Promise<void> {
    await tx
      .insertInto('execution')
      .values({
        id: run.id,
        batch_id: null,
        agent_id: agentId.parse(run.agent),
        agent_version: '1.0.0',
        bundle_sha256: nothing,
        node_id: run.nodeId,
        state: run.ended,
        active: 0,
        mode: run.agent === 'docker-janitor' ? 'plan' : 'report',
        approval_id: null,
        dry_run: 0,
        options: '{}',
        timeout_s: 300,
        started_by: madeBy,
        queued_at: run.startedAt.toISOString(),
        not_before: null,
        waiting_for: null,
        started_at: run.startedAt.toISOString(),
        finished_at: run.finishedAt.toISOString(),
        outcome: JSON.stringify(outcome),
        log_lines: run.log.length + 1,
        verdict: null,
        finding_counts: null,
        cancel_requested_by: null,
        reattach: null,
      })
      .execute()
  }

  async function noteReport(tx: Tx, id: ExecutionId, { verdict, findings }: Report): Promise<void> {
    const counts = { critical: 0, high: 0, warning: 0, info: 0 }
    for (const { severity, state } of findings) if (state !== 'resolved') counts[severity]++
    await tx
      .updateTable('execution')
      .set({ verdict, finding_counts: JSON.stringify(counts) })
      .where('id', '=', id)
      .execute()
  }

  async function insertPlan(tx: Tx, id: PlanId, run: KeptRun, actions: typeof madeUpActions): Promise<void> {
    await tx
      .insertInto('plan')
      .values({
        id,
        execution_id: run.id,
        node_id: run.nodeId,
        agent_id: agentId.parse(run.agent),
        agent_version: '1.0.0',
        bundle_sha256: nothing,
        host_key: nothing,
        created_at: run.finishedAt.toISOString(),
        expires_at: new Date(run.finishedAt.getTime() + planDays * 86_400_000).toISOString(),
        superseded_by: null,
      })
      .execute()
    for (const [position, action] of actions.entries()) {
      await tx
        .insertInto('plan_action')
        .values({
          plan_id: id,
          aid: action.aid,
          position,
          node_id: run.nodeId,
          object: action.object,
          body: JSON.stringify(action.order),
          title: action.title,
          why: action.why,
          finding_key: action.findingKey,
          bytes_min: action.bytesMin,
          bytes_max: action.bytesMax,
          read_at: Math.floor(run.finishedAt.getTime() / 1_000),
          state: 'waiting',
          rejection_id: null,
          approval_id: null,
          decided_by: null,
          decided_at: null,
          outcome: null,
        })
        .execute()
    }
  }

  /** No payment is written, so no sum and no limit has it. */
  async function insertExplanation(
    tx: Tx,
    run: KeptRun,
    { body, model }: typeof madeUpExplanation,
  ): Promise<void> {
    await tx
      .insertInto('explanation')
      .values({
        execution_id: run.id,
        node_id: run.nodeId,
        agent_id: agentId.parse(run.agent),
        state: 'explained',
        reason: 'called',
        detail: null,
        resets_at: null,
        body: JSON.stringify(body),
        depth: 'cheap',
        model,
        cost_nano_usd: null,
        call_id: null,
        answered_at: run.finishedAt.toISOString(),
        cache_key: null,
        reused_from: null,
        similarity: null,
      })
      .execute()
  }

  async function insertSchedule(
    tx: Tx,
    id: ScheduleId,
    { name, paused: _, notifications: __, ...spec }: ScheduleSpec,
    now: Date,
  ): Promise<void> {
    const at = now.toISOString()
    await tx
      .insertInto('schedule')
      .values({
        id,
        name,
        spec: JSON.stringify(spec),
        notifications: null,
        source: null,
        // Without a next time it fires never, whatever becomes of its pause.
        paused: 1,
        next_at: null,
        next_due_at: null,
        revision: 1,
        created_by: madeBy,
        created_at: at,
        updated_at: at,
      })
      .execute()
  }

  async function executionIds(): Promise<ExecutionId[]> {
    const rows = await db.read.selectFrom('execution').select('id').where(isSample('id')).execute()
    return rows.map(({ id }) => id)
  }

  /** Executions, reports, findings, plans and figures go with their node. */
  async function removeAll(tx: Tx): Promise<void> {
    await tx.deleteFrom('schedule').where(isSample('id')).execute()
    await tx.deleteFrom('node').where(isSample('id')).execute()
  }

  return {
    count,
    insertNode,
    insertExecution,
    noteReport,
    insertPlan,
    insertExplanation,
    insertSchedule,
    executionIds,
    removeAll,
  }
}
