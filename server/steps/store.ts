import { sql } from 'kysely'
import * as z from 'zod'
import { firstStepName } from '../../contract/first-steps.ts'
import type { NodeId } from '../../contract/ids.ts'
import { sampleLike } from '../../contract/sample-ids.ts'
import type { Database, Tx } from '../db/database.ts'
import { isReal } from '../db/sample-rows.ts'

/** What somebody chose about the list. A step that a later version lacks is left out. */
const choices = z.object({
  skipped: z
    .array(z.unknown())
    .transform((names) => names.flatMap((name) => firstStepName.safeParse(name).data ?? [])),
  isPutAway: z.boolean(),
})
export type Choices = z.infer<typeof choices>

/** What is there, of all that the steps are about; samples are nobody's work. */
export interface Found {
  readonly nodeId: NodeId | null
  readonly nodes: number
  readonly trusted: boolean
  readonly ran: boolean
  readonly acknowledged: boolean
  readonly rehearsed: boolean
  readonly approved: boolean
  readonly scheduled: boolean
  readonly told: boolean
  readonly money: boolean
}

const row = 'first-steps'

export function createFirstStepStore(db: Database) {
  async function chosen(): Promise<Choices> {
    const kept = await db.read.selectFrom('meta').select('value').where('name', '=', row).executeTakeFirst()
    return kept ? choices.parse(JSON.parse(kept.value)) : { skipped: [], isPutAway: false }
  }

  async function put(tx: Tx, wanted: Choices): Promise<void> {
    const value = JSON.stringify(wanted)
    await tx
      .insertInto('meta')
      .values({ name: row, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute()
  }

  async function found(): Promise<Found> {
    const nodes = await db.read
      .selectFrom('node')
      .select('id')
      .where(isReal('id'))
      .orderBy('id')
      .limit(2)
      .execute()
    const is = async (question: ReturnType<typeof sql<{ yes: number }>>) =>
      (await question.execute(db.read)).rows[0]?.yes === 1
    return {
      nodeId: nodes[0]?.id ?? null,
      nodes: nodes.length,
      trusted: await is(sql`select exists (select 1 from host_key) as yes`),
      ran: await is(
        sql`select exists (select 1 from execution where state = 'succeeded' and id not like ${sampleLike}) as yes`,
      ),
      acknowledged: await is(
        sql`select exists (select 1 from finding where acknowledged_at is not null) as yes`,
      ),
      rehearsed: await is(
        sql`select exists (select 1 from execution where dry_run = 1 and state = 'succeeded') as yes`,
      ),
      approved: await is(sql`select exists (select 1 from approval where kind = 'plan') as yes`),
      scheduled: await is(sql`select exists (select 1 from schedule where id not like ${sampleLike}) as yes`),
      told: await is(
        sql`select exists (select 1 from channel where enabled = 1 and schedule_id is null) as yes`,
      ),
      money: await is(sql`select exists (select 1 from budget) or exists (select 1 from ai_setup) as yes`),
    }
  }

  return { chosen, put, found }
}
