import type { AiExchange, KeyedDriver } from '../../contract/ai.ts'
import type { AiCallId } from '../../contract/ids.ts'
import type { Database, Tx } from '../db/database.ts'

/** A key as it lies in the database. */
export interface SealedKey {
  readonly secret: Buffer
  readonly baseUrl: string
  readonly setAt: string
}

type Opening = Omit<AiExchange, 'endedAt' | 'answer' | 'outcome'>

/** SQL for how models are asked, their keys, and what was said. No key leaves it but sealed. */
export function createAiStore(db: Database) {
  async function setup(from: Pick<Tx, 'selectFrom'> = db.read): Promise<string | null> {
    const row = await from
      .selectFrom('ai_setup')
      .select('value')
      .where('name', '=', 'setup')
      .executeTakeFirst()
    return row?.value ?? null
  }

  async function putSetup(tx: Tx, value: string, now: string): Promise<void> {
    await tx
      .insertInto('ai_setup')
      .values({ name: 'setup', value, updated_at: now })
      .onConflict((row) => row.column('name').doUpdateSet({ value, updated_at: now }))
      .execute()
  }

  async function keys(from: Pick<Tx, 'selectFrom'> = db.read): Promise<Map<KeyedDriver, SealedKey>> {
    const rows = await from.selectFrom('ai_key').selectAll().execute()
    return new Map(
      rows.map(({ id, secret, base_url, set_at }) => [id, { secret, baseUrl: base_url, setAt: set_at }]),
    )
  }

  async function putKey(tx: Tx, id: KeyedDriver, { secret, baseUrl, setAt }: SealedKey): Promise<void> {
    const values = { secret, base_url: baseUrl, set_at: setAt }
    await tx
      .insertInto('ai_key')
      .values({ id, ...values })
      .onConflict((row) => row.column('id').doUpdateSet(values))
      .execute()
  }

  async function removeKey(tx: Tx, id: KeyedDriver): Promise<boolean> {
    const { numDeletedRows } = await tx.deleteFrom('ai_key').where('id', '=', id).executeTakeFirst()
    return numDeletedRows > 0n
  }

  /** Written before the first byte goes out, so that there is a trace of a call the server died in. */
  async function openExchange(opening: Opening): Promise<void> {
    const { executionId, nodeId, agentId, ...rest } = opening
    await db.write((tx) =>
      tx
        .insertInto('ai_exchange')
        .values({
          ...rest,
          execution_id: executionId,
          node_id: nodeId,
          agent_id: agentId,
          ended_at: null,
          answer: null,
          outcome: null,
        })
        .execute(),
    )
  }

  async function closeExchange(
    id: AiCallId,
    { answer, outcome, now }: { answer: string | null; outcome: string; now: string },
  ): Promise<void> {
    await db.write((tx) =>
      tx.updateTable('ai_exchange').set({ answer, outcome, ended_at: now }).where('id', '=', id).execute(),
    )
  }

  async function exchange(id: AiCallId): Promise<AiExchange | null> {
    const row = await db.read.selectFrom('ai_exchange').selectAll().where('id', '=', id).executeTakeFirst()
    if (!row) return null
    const { ended_at, execution_id, node_id, agent_id, ...rest } = row
    return { ...rest, endedAt: ended_at, executionId: execution_id, nodeId: node_id, agentId: agent_id }
  }

  /** How often a driver was asked since a moment. */
  async function callsSince(driver: AiExchange['driver'], since: string): Promise<number> {
    const row = await db.read
      .selectFrom('ai_exchange')
      .select(({ fn }) => fn.countAll<number>().as('calls'))
      .where('driver', '=', driver)
      .where('at', '>=', since)
      .executeTakeFirst()
    return Number(row?.calls ?? 0)
  }

  async function removeExchangesBefore(before: string): Promise<number> {
    const { numDeletedRows } = await db.write((tx) =>
      tx.deleteFrom('ai_exchange').where('at', '<', before).executeTakeFirst(),
    )
    return Number(numDeletedRows)
  }

  return {
    setup,
    putSetup,
    keys,
    putKey,
    removeKey,
    openExchange,
    closeExchange,
    exchange,
    callsSince,
    removeExchangesBefore,
  }
}
export type AiStore = ReturnType<typeof createAiStore>
