import * as z from 'zod'
import type { AiCallId } from '../../contract/ids.ts'
import { agentId, executionId, nodeId } from '../../contract/ids.ts'
import { aiPurpose, depth } from '../../contract/ai.ts'
import type { Database } from '../db/database.ts'

const record = z.record(z.string(), z.unknown())
/** What is asked, as it survives a restart. */
export const batchWanted = z.object({
  /** What the asker knows it by. */
  tag: z.string(),
  purpose: aiPurpose,
  executionId: executionId.nullable(),
  nodeId: nodeId.nullable(),
  agentId: agentId.nullable(),
  depth,
  prompt: z.object({
    system: z.string(),
    untrusted: record,
    question: z.string(),
    schema: record,
    maxOutput: z.number(),
  }),
})
export type BatchWanted = z.infer<typeof batchWanted>

export interface BatchItem {
  readonly id: AiCallId
  readonly topic: string
  readonly wanted: BatchWanted
}

export interface WaitingBatch {
  readonly id: string
  readonly dueAt: string
  readonly polls: number
  readonly state: 'waiting' | 'cancelling'
}

/** SQL for work that was handed in to be done within hours. */
export function createBatchStore(db: Database) {
  async function add(items: readonly BatchItem[], dueAt: string): Promise<void> {
    await db.write((tx) =>
      tx
        .insertInto('ai_batch_item')
        .values(
          items.map(({ id, topic, wanted }) => ({
            id,
            topic,
            batch_id: null,
            due_at: dueAt,
            wanted: JSON.stringify(wanted),
          })),
        )
        .execute(),
    )
  }

  async function submitted(
    ids: readonly AiCallId[],
    batch: { id: string; now: string; dueAt: string; nextPollAt: string },
  ): Promise<void> {
    await db.write(async (tx) => {
      await tx
        .insertInto('ai_batch')
        .values({
          id: batch.id,
          submitted_at: batch.now,
          due_at: batch.dueAt,
          next_poll_at: batch.nextPollAt,
          polls: 0,
          state: 'waiting',
        })
        .execute()
      await tx.updateTable('ai_batch_item').set({ batch_id: batch.id }).where('id', 'in', ids).execute()
    })
  }

  async function due(now: string): Promise<WaitingBatch[]> {
    const rows = await db.read
      .selectFrom('ai_batch')
      .selectAll()
      .where('next_poll_at', '<=', now)
      .orderBy('submitted_at')
      .execute()
    return rows.map(({ id, due_at, polls, state }) => ({ id, dueAt: due_at, polls, state }))
  }

  async function pollAgain(
    id: string,
    { polls, nextPollAt, state }: { polls: number; nextPollAt: string; state: WaitingBatch['state'] },
  ): Promise<void> {
    await db.write((tx) =>
      tx
        .updateTable('ai_batch')
        .set({ polls, next_poll_at: nextPollAt, state })
        .where('id', '=', id)
        .execute(),
    )
  }

  /** The work of a batch; with null, what no provider has confirmed to have. */
  async function itemsOf(batchId: string | null): Promise<BatchItem[]> {
    const rows = await db.read
      .selectFrom('ai_batch_item')
      .select(['id', 'topic', 'wanted'])
      .where('batch_id', batchId === null ? 'is' : '=', batchId)
      .orderBy('id')
      .execute()
    return rows.map(({ id, topic, wanted }) => ({ id, topic, wanted: batchWanted.parse(JSON.parse(wanted)) }))
  }

  /** What askers know the work by that is not delivered yet. */
  async function tagsOf(topic: string): Promise<string[]> {
    const rows = await db.read
      .selectFrom('ai_batch_item')
      .select('wanted')
      .where('topic', '=', topic)
      .execute()
    return rows.map(({ wanted }) => batchWanted.parse(JSON.parse(wanted)).tag)
  }

  async function removeItem(id: AiCallId): Promise<void> {
    await db.write((tx) => tx.deleteFrom('ai_batch_item').where('id', '=', id).execute())
  }

  async function removeBatch(id: string): Promise<void> {
    await db.write((tx) => tx.deleteFrom('ai_batch').where('id', '=', id).execute())
  }

  return { add, submitted, due, pollAgain, itemsOf, tagsOf, removeItem, removeBatch }
}
