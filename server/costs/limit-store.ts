import type { Kysely } from 'kysely'
import type { LimitKind, PriceRow } from '../../contract/costs.ts'
import type { AgentId } from '../../contract/ids.ts'
import type { NanoUsd } from '../../contract/money.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'

type Reader = Kysely<Tables> | Tx

/** A limit that somebody set. */
export interface SetLimit {
  readonly limit: LimitKind
  readonly agentId: AgentId | null
  /** Null for none. */
  readonly limitNanoUsd: NanoUsd | null
}

/** Which notice of which limit. */
export interface Notice {
  readonly limit: LimitKind
  readonly agentId: AgentId | null
  /** A day, or a month. */
  readonly period: string
  readonly percent: number
}

const zoneName = 'costs.zone'

/** SQL for limits, their notices, the zone they are counted in, and prices that somebody set. */
export function createLimitStore(db: Database) {
  async function limits(reader: Reader = db.read): Promise<SetLimit[]> {
    const rows = await reader.selectFrom('budget').selectAll().orderBy('agent_id').execute()
    return rows.map(({ limit_kind, agent_id, limit_nano_usd }) => ({
      limit: limit_kind,
      agentId: agent_id === '' ? null : agent_id,
      limitNanoUsd: limit_nano_usd,
    }))
  }

  async function putLimit(tx: Tx, { limit, agentId, limitNanoUsd }: SetLimit): Promise<void> {
    await tx
      .insertInto('budget')
      .values({ limit_kind: limit, agent_id: agentId ?? '', limit_nano_usd: limitNanoUsd })
      .onConflict((row) =>
        row.columns(['limit_kind', 'agent_id']).doUpdateSet({ limit_nano_usd: limitNanoUsd }),
      )
      .execute()
  }

  async function removeLimit(tx: Tx, { limit, agentId }: Pick<SetLimit, 'limit' | 'agentId'>): Promise<void> {
    await tx
      .deleteFrom('budget')
      .where('limit_kind', '=', limit)
      .where('agent_id', '=', agentId ?? '')
      .execute()
  }

  async function zone(reader: Reader = db.read): Promise<string> {
    const row = await reader
      .selectFrom('meta')
      .select('value')
      .where('name', '=', zoneName)
      .executeTakeFirst()
    return row?.value ?? 'UTC'
  }

  async function putZone(tx: Tx, value: string): Promise<void> {
    await tx
      .insertInto('meta')
      .values({ name: zoneName, value })
      .onConflict((row) => row.column('name').doUpdateSet({ value }))
      .execute()
  }

  /** Writes down that people hear of this; false when they did before. */
  async function addNotice(tx: Tx, { limit, agentId, period, percent }: Notice): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('budget_notice')
      .values({ limit_kind: limit, agent_id: agentId ?? '', period, percent })
      .onConflict((row) => row.doNothing())
      .executeTakeFirst()
    return Number(numInsertedOrUpdatedRows ?? 0) > 0
  }

  /** The largest share that people have heard of in a period, or 0. */
  async function toldPercent(tx: Tx, { limit, agentId, period }: Omit<Notice, 'percent'>): Promise<number> {
    const row = await tx
      .selectFrom('budget_notice')
      .select(({ fn }) => fn.max('percent').as('percent'))
      .where('period', '=', period)
      .where('limit_kind', '=', limit)
      .where('agent_id', '=', agentId ?? '')
      .executeTakeFirst()
    return row?.percent ?? 0
  }

  async function hasNotice({ limit, agentId, period, percent }: Notice): Promise<boolean> {
    const row = await db.read
      .selectFrom('budget_notice')
      .select('percent')
      .where('period', '=', period)
      .where('limit_kind', '=', limit)
      .where('agent_id', '=', agentId ?? '')
      .where('percent', '=', percent)
      .executeTakeFirst()
    return row !== undefined
  }

  /** After a change of a limit, people hear of it anew. */
  async function forgetNotices(
    tx: Tx,
    { limit, agentId }: Pick<SetLimit, 'limit' | 'agentId'>,
  ): Promise<void> {
    await tx
      .deleteFrom('budget_notice')
      .where('limit_kind', '=', limit)
      .where('agent_id', '=', agentId ?? '')
      .execute()
  }

  async function prices(reader: Reader = db.read): Promise<PriceRow[]> {
    const rows = await reader.selectFrom('price_override').selectAll().execute()
    return rows.map(({ model, effective_from, tiers, batch_percent, as_of }) => ({
      model,
      effectiveFrom: effective_from,
      tiers: JSON.parse(tiers) as PriceRow['tiers'],
      batchPercent: batch_percent,
      source: 'user',
      asOf: as_of,
    }))
  }

  async function putPrice(tx: Tx, row: PriceRow): Promise<void> {
    const figures = { tiers: JSON.stringify(row.tiers), batch_percent: row.batchPercent, as_of: row.asOf }
    await tx
      .insertInto('price_override')
      .values({ model: row.model, effective_from: row.effectiveFrom, ...figures })
      .onConflict((old) => old.columns(['model', 'effective_from']).doUpdateSet(figures))
      .execute()
  }

  async function removePrices(tx: Tx, model: string): Promise<number> {
    const { numDeletedRows } = await tx
      .deleteFrom('price_override')
      .where('model', '=', model)
      .executeTakeFirst()
    return Number(numDeletedRows)
  }

  return {
    limits,
    putLimit,
    removeLimit,
    zone,
    putZone,
    addNotice,
    toldPercent,
    hasNotice,
    forgetNotices,
    prices,
    putPrice,
    removePrices,
  }
}
export type LimitStore = ReturnType<typeof createLimitStore>
