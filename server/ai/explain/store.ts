import type {
  CallPrice,
  Claim,
  Explanation,
  ExplanationState,
  Question,
} from '../../../contract/explanations.ts'
import type { AgentId, ExecutionId, NodeId, QuestionId } from '../../../contract/ids.ts'
import type { Database } from '../../db/database.ts'
import type { Snapshot } from '../reuse/snapshot.ts'

/** An explanation that may be used again. */
export interface Candidate {
  readonly executionId: ExecutionId
  readonly answeredAt: string
  readonly snapshot: Snapshot
  readonly explanation: Explanation
  readonly model: string | null
}

type Kept = Omit<ExplanationState, 'questions' | 'state'> & {
  readonly state: Exclude<ExplanationState['state'], 'pending'>
  readonly cacheKey: string | null
}
interface Owner {
  readonly nodeId: NodeId
  readonly agentId: AgentId
}
export type { CallPrice }

export function createExplanationStore(db: Database) {
  async function find(id: ExecutionId): Promise<Omit<Kept, 'cacheKey'> | null> {
    const row = await db.read
      .selectFrom('explanation')
      .selectAll()
      .where('execution_id', '=', id)
      .executeTakeFirst()
    if (!row) return null
    return {
      executionId: row.execution_id,
      state: row.state,
      reason: row.reason,
      detail: row.detail,
      resetsAt: row.resets_at,
      explanation: row.body === null ? null : (JSON.parse(row.body) as Explanation),
      answeredAt: row.answered_at,
      reused: row.reused_from === null ? null : { from: row.reused_from, similarity: row.similarity ?? 1 },
      model: row.model,
      depth: row.depth,
      costNanoUsd: row.cost_nano_usd,
      callId: row.call_id,
    }
  }

  /** Writes how it stands; an execution that is gone keeps nothing. */
  async function put({ nodeId, agentId }: Owner, kept: Kept): Promise<void> {
    const values = {
      node_id: nodeId,
      agent_id: agentId,
      state: kept.state,
      reason: kept.reason,
      detail: kept.detail,
      resets_at: kept.resetsAt,
      body: kept.explanation && JSON.stringify(kept.explanation),
      depth: kept.depth,
      model: kept.model,
      cost_nano_usd: kept.costNanoUsd,
      call_id: kept.callId,
      answered_at: kept.answeredAt,
      cache_key: kept.cacheKey,
      reused_from: kept.reused?.from ?? null,
      similarity: kept.reused?.similarity ?? null,
    }
    const { node_id: _n, agent_id: _a, ...changing } = values
    await db.write(async (tx) => {
      const there = await tx
        .selectFrom('execution')
        .select('id')
        .where('id', '=', kept.executionId)
        .executeTakeFirst()
      if (!there) return
      await tx
        .insertInto('explanation')
        .values({ execution_id: kept.executionId, ...values })
        .onConflict((row) => row.column('execution_id').doUpdateSet(changing))
        .execute()
    })
  }

  async function putSnapshot(id: ExecutionId, owner: Owner, snapshot: Snapshot): Promise<void> {
    await db.write((tx) =>
      tx
        .insertInto('run_snapshot')
        .values({
          execution_id: id,
          node_id: owner.nodeId,
          agent_id: owner.agentId,
          body: JSON.stringify(snapshot),
        })
        .onConflict((row) => row.doNothing())
        .execute(),
    )
  }

  /** Of the same agent on the same node, before this run, newest first. */
  async function snapshotsBefore(
    id: ExecutionId,
    { nodeId, agentId }: Owner,
    limit: number,
  ): Promise<Snapshot[]> {
    const rows = await db.read
      .selectFrom('run_snapshot')
      .select('body')
      .where('node_id', '=', nodeId)
      .where('agent_id', '=', agentId)
      .where('execution_id', '<', id)
      .orderBy('execution_id', 'desc')
      .limit(limit)
      .execute()
    return rows.map(({ body }) => JSON.parse(body) as Snapshot)
  }

  /** The last words of a model about this agent on this node under a key, said since a moment. */
  async function candidate(
    id: ExecutionId,
    { nodeId, agentId }: Owner,
    cacheKey: string,
    since: string,
  ): Promise<Candidate | null> {
    const row = await db.read
      .selectFrom('explanation')
      .innerJoin('run_snapshot', 'run_snapshot.execution_id', 'explanation.execution_id')
      .select([
        'explanation.execution_id',
        'explanation.answered_at',
        'explanation.body as words',
        'explanation.model',
        'run_snapshot.body as snapshot',
      ])
      .where('explanation.node_id', '=', nodeId)
      .where('explanation.agent_id', '=', agentId)
      .where('explanation.execution_id', '<', id)
      .where('state', '=', 'explained')
      .where('cache_key', '=', cacheKey)
      // Reused words are never passed on: the day counts from the model's own answer.
      .where('reused_from', 'is', null)
      .where('answered_at', '>', since)
      .orderBy('explanation.execution_id', 'desc')
      .limit(1)
      .executeTakeFirst()
    if (!row || row.words === null || row.answered_at === null) return null
    return {
      executionId: row.execution_id,
      answeredAt: row.answered_at,
      snapshot: JSON.parse(row.snapshot) as Snapshot,
      explanation: JSON.parse(row.words) as Explanation,
      model: row.model,
    }
  }

  /** What a process that died had asked; nobody hears the answer any more. */
  async function failInterrupted(detail: string, inBatches: readonly string[]): Promise<void> {
    await db.write(async (tx) => {
      const lost = { state: 'failed', detail, resets_at: null } as const
      const asking = await tx
        .selectFrom('explanation')
        .select('execution_id')
        .where('state', '=', 'asking')
        .execute()
      for (const { execution_id: id } of asking) {
        if (inBatches.includes(id)) continue
        await tx.updateTable('explanation').set(lost).where('execution_id', '=', id).execute()
      }
      await tx.updateTable('question').set(lost).where('state', '=', 'asking').execute()
    })
  }

  async function questions(id: ExecutionId): Promise<Question[]> {
    const rows = await db.read
      .selectFrom('question')
      .selectAll()
      .where('execution_id', '=', id)
      .orderBy('id')
      .execute()
    return rows.map((row) => ({
      id: row.id,
      at: row.at,
      askedBy: row.asked_by,
      text: row.text,
      state: row.state,
      detail: row.detail,
      resetsAt: row.resets_at,
      answer: row.body === null ? null : (JSON.parse(row.body) as { claims: Claim[]; dropped: number }),
      model: row.model,
      depth: row.depth,
      costNanoUsd: row.cost_nano_usd,
      callId: row.call_id,
    }))
  }

  async function insertQuestion(executionId: ExecutionId, asked: Question): Promise<void> {
    const { id, at, askedBy, text, depth, state } = asked
    await db.write((tx) =>
      tx
        .insertInto('question')
        .values({
          id,
          execution_id: executionId,
          at,
          asked_by: askedBy,
          text,
          depth,
          state,
          detail: null,
          resets_at: null,
          body: null,
          model: null,
          cost_nano_usd: null,
          call_id: null,
        })
        .execute(),
    )
  }

  async function endQuestion(
    id: QuestionId,
    ended: Pick<Question, 'state' | 'detail' | 'resetsAt' | 'answer' | 'model' | 'costNanoUsd' | 'callId'>,
  ): Promise<void> {
    await db.write((tx) =>
      tx
        .updateTable('question')
        .set({
          state: ended.state,
          detail: ended.detail,
          resets_at: ended.resetsAt,
          body: ended.answer && JSON.stringify(ended.answer),
          model: ended.model,
          cost_nano_usd: ended.costNanoUsd,
          call_id: ended.callId,
        })
        .where('id', '=', id)
        .execute(),
    )
  }

  return {
    find,
    put,
    putSnapshot,
    snapshotsBefore,
    candidate,
    failInterrupted,
    questions,
    insertQuestion,
    endQuestion,
  }
}
