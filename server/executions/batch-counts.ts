import { type Kysely, sql } from 'kysely'
import type { BatchId } from '../../contract/ids.ts'
import type { Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'

/** What became of the executions that were started together. */
export interface BatchCounts {
  readonly total: number
  readonly active: number
  readonly succeeded: number
}

export const noExecutions: BatchCounts = { total: 0, active: 0, succeeded: 0 }

/** Counts the executions of each batch; one that has none is not in it. */
export async function batchCounts(
  reader: Kysely<Tables> | Tx,
  rows: readonly { readonly batch_id: BatchId | null }[],
): Promise<ReadonlyMap<BatchId, BatchCounts>> {
  const batches = rows.flatMap(({ batch_id }) => (batch_id === null ? [] : [batch_id]))
  if (batches.length === 0) return new Map()
  const found = await reader
    .selectFrom('execution')
    .select(({ fn }) => [
      'batch_id',
      fn.countAll<number>().as('total'),
      fn.sum<number>('active').as('active'),
      sql<number>`sum(state = 'succeeded')`.as('succeeded'),
    ])
    .where('batch_id', 'in', batches)
    .groupBy('batch_id')
    .execute()
  return new Map(
    found.flatMap(({ batch_id, ...counts }) => (batch_id === null ? [] : [[batch_id, counts] as const])),
  )
}
