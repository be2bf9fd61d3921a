import { type Kysely, type Selectable, sql } from 'kysely'
import type { DriverKind } from '../../contract/ai.ts'
import type { AiCall, CallState, SavingReason, TokenUse } from '../../contract/costs.ts'
import type { AgentId, AiCallId, ExecutionId, NodeId } from '../../contract/ids.ts'
import type { NanoUsd } from '../../contract/money.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import type { MeasuredPrompt } from './calibration.ts'
import type { CacheTtl } from './prices.ts'

type Reader = Kysely<Tables> | Tx
type CallRow = Selectable<Tables['ai_call']>

/** A call with what the ledger needs to compute it anew. */
export interface StoredCall extends AiCall {
  readonly day: string
  readonly priceRow: string
  readonly inputBound: number
  readonly maxOutput: number
  readonly cacheTtl: CacheTtl
}

/** A call before it is made. */
export interface NewCall
  extends Pick<
    AiCall,
    | 'id'
    | 'at'
    | 'purpose'
    | 'executionId'
    | 'nodeId'
    | 'agentId'
    | 'driver'
    | 'model'
    | 'mode'
    | 'billing'
    | 'reservedNanoUsd'
    | 'isPriceKnown'
  > {
  readonly day: string
  readonly priceRow: string
  readonly inputBound: number
  readonly maxOutput: number
  readonly cacheTtl: CacheTtl
  readonly inputChars: number | null
  readonly promptVersion: string | null
  readonly expiresAt: string
}

/** What a change of a call can set. */
export interface CallChange {
  readonly state?: CallState
  readonly priceRow?: string
  readonly isPriceKnown?: boolean
  readonly reservedNanoUsd?: NanoUsd
  readonly chargedNanoUsd?: NanoUsd
  readonly listNanoUsd?: NanoUsd | null
  readonly use?: TokenUse
  readonly requestId?: string | null
  readonly stopReason?: string | null
  readonly durationMs?: number
  readonly why?: string
}

/** Spent and held in a day and in its month, over all and by one agent. */
export interface Sums {
  readonly day: Sum
  readonly month: Sum
  readonly agentMonth: Sum
}
interface Sum {
  readonly used: NanoUsd
  readonly held: NanoUsd
}

/** How many calls estimates are learnt from. */
const learntFrom = 50

/** SQL for the ledger. */
export function createCallStore(db: Database) {
  async function insert(tx: Tx, call: NewCall): Promise<void> {
    await tx
      .insertInto('ai_call')
      .values({
        id: call.id,
        created_at: call.at,
        day: call.day,
        purpose: call.purpose,
        execution_id: call.executionId,
        node_id: call.nodeId,
        agent_id: call.agentId,
        driver: call.driver,
        model: call.model,
        mode: call.mode,
        billing: call.billing,
        state: 'reserved',
        price_row: call.priceRow,
        is_price_known: call.isPriceKnown ? 1 : 0,
        input_bound: call.inputBound,
        max_output: call.maxOutput,
        cache_ttl: call.cacheTtl,
        input_chars: call.inputChars,
        prompt_version: call.promptVersion,
        reserved_nano_usd: call.reservedNanoUsd,
        charged_nano_usd: call.reservedNanoUsd,
        expires_at: call.expiresAt,
      })
      .execute()
  }

  async function find(id: AiCallId, reader: Reader = db.read): Promise<StoredCall | undefined> {
    const row = await reader.selectFrom('ai_call').selectAll().where('id', '=', id).executeTakeFirst()
    return row && callFromRow(row)
  }

  async function change(tx: Tx, id: AiCallId, changed: CallChange): Promise<void> {
    const { state, why, use } = changed
    await tx
      .updateTable('ai_call')
      .set({
        ...(state !== undefined && { state }),
        ...(why !== undefined && { why }),
        ...(changed.priceRow !== undefined && { price_row: changed.priceRow }),
        ...(changed.isPriceKnown !== undefined && { is_price_known: changed.isPriceKnown ? 1 : 0 }),
        ...(changed.reservedNanoUsd !== undefined && { reserved_nano_usd: changed.reservedNanoUsd }),
        ...(changed.chargedNanoUsd !== undefined && { charged_nano_usd: changed.chargedNanoUsd }),
        ...(changed.listNanoUsd !== undefined && { list_nano_usd: changed.listNanoUsd }),
        ...(changed.requestId !== undefined && { request_id: changed.requestId }),
        ...(changed.stopReason !== undefined && { stop_reason: changed.stopReason }),
        ...(changed.durationMs !== undefined && { duration_ms: Math.round(changed.durationMs) }),
        ...(use && {
          input: use.input,
          cache_write_5m: use.cacheWrite5m,
          cache_write_1h: use.cacheWrite1h,
          cache_read: use.cacheRead,
          output: use.output,
          thinking: use.thinking,
        }),
      })
      .where('id', '=', id)
      .execute()
  }

  /** What counts against the limits of a day, of its month, and of an agent in that month. */
  async function sums(reader: Reader, day: string, agentId: AgentId | null): Promise<Sums> {
    const month = day.slice(0, 7)
    const rows = await reader
      .selectFrom('ai_spend')
      .select(({ fn }) => [
        'day',
        'agent_id',
        fn.sum<number>('charged_nano_usd').as('used'),
        fn.sum<number>('held_nano_usd').as('held'),
      ])
      .where('day', '>=', `${month}-01`)
      .where('day', '<=', `${month}-31`)
      .groupBy(['day', 'agent_id'])
      .execute()
    const total = (some: typeof rows): Sum => ({
      used: some.reduce((sum, { used }) => sum + Number(used), 0),
      held: some.reduce((sum, { held }) => sum + Number(held), 0),
    })
    return {
      day: total(rows.filter((row) => row.day === day)),
      month: total(rows),
      agentMonth: total(rows.filter((row) => row.agent_id === (agentId ?? ''))),
    }
  }

  /** What each agent used in a month. */
  async function agentSums(month: string): Promise<Map<AgentId, Sum>> {
    const rows = await db.read
      .selectFrom('ai_spend')
      .select(({ fn }) => [
        'agent_id',
        fn.sum<number>('charged_nano_usd').as('used'),
        fn.sum<number>('held_nano_usd').as('held'),
      ])
      .where('day', '>=', `${month}-01`)
      .where('day', '<=', `${month}-31`)
      .groupBy('agent_id')
      .execute()
    return new Map(
      rows.flatMap(({ agent_id, used, held }) =>
        agent_id === '' ? [] : [[agent_id, { used: Number(used), held: Number(held) }] as const],
      ),
    )
  }

  async function usedByExecution(reader: Reader, id: ExecutionId): Promise<NanoUsd> {
    const row = await reader
      .selectFrom('ai_call')
      .select(({ fn }) => fn.sum<number | null>('charged_nano_usd').as('used'))
      .where('execution_id', '=', id)
      .executeTakeFirst()
    return Number(row?.used ?? 0)
  }

  /** Newest first. */
  async function page(query: {
    before: string | null
    limit: number
    executionId?: ExecutionId | undefined
    state?: CallState | undefined
  }): Promise<StoredCall[]> {
    let rows = db.read.selectFrom('ai_call').selectAll().orderBy('id', 'desc').limit(query.limit)
    if (query.before !== null) rows = rows.where('id', '<', query.before as AiCallId)
    if (query.executionId) rows = rows.where('execution_id', '=', query.executionId)
    if (query.state) rows = rows.where('state', '=', query.state)
    return (await rows.execute()).map(callFromRow)
  }

  /** In order, from behind an id on, of days from one on; with the names of the nodes that are still there. */
  async function after(
    reader: Reader,
    query: { after: AiCallId | null; limit: number; fromDay?: string },
  ): Promise<(StoredCall & { readonly nodeName: string | null })[]> {
    let rows = reader
      .selectFrom('ai_call')
      .leftJoin('node', 'node.id', 'ai_call.node_id')
      .selectAll('ai_call')
      .select('node.name as node_name')
      .orderBy('ai_call.id')
      .limit(query.limit)
    if (query.after !== null) rows = rows.where('ai_call.id', '>', query.after)
    if (query.fromDay !== undefined) rows = rows.where('day', '>=', query.fromDay)
    return (await rows.execute()).map((row) => ({ ...callFromRow(row), nodeName: row.node_name }))
  }

  /** Reservations that nobody waits for any more: made directly by a server that is gone, or run out. */
  async function abandoned(tx: Tx, now: string): Promise<AiCallId[]> {
    const rows = await tx
      .selectFrom('ai_call')
      .select('id')
      .where('state', '=', 'reserved')
      .where(({ or, eb }) => or([eb('mode', '=', 'direct'), eb('expires_at', '<=', now)]))
      .execute()
    return rows.map(({ id }) => id)
  }

  /** What the last calls of a model were billed for: of an agent where it has some, else of all. Newest first. */
  async function lastUses(driver: DriverKind, model: string, agentId: AgentId): Promise<TokenUse[]> {
    const of = (agent: AgentId | null) => {
      let rows = db.read
        .selectFrom('ai_call')
        .selectAll()
        .where('model', '=', model)
        .where('driver', '=', driver)
        .where('state', '=', 'settled')
        .where('input', 'is not', null)
        .where('purpose', 'in', ['explanation', 'question'])
        .orderBy('id', 'desc')
        .limit(learntFrom)
      if (agent !== null) rows = rows.where('agent_id', '=', agent)
      return rows.execute()
    }
    const own = await of(agentId)
    return (own.length > 0 ? own : await of(null)).flatMap((row) => callFromRow(row).use ?? [])
  }

  /** Prompts whose length and bill are both known. */
  async function measuredPrompts(
    driver: DriverKind,
    model: string,
    promptVersion: string,
  ): Promise<MeasuredPrompt[]> {
    const rows = await db.read
      .selectFrom('ai_call')
      .selectAll()
      .where('model', '=', model)
      .where('driver', '=', driver)
      .where('prompt_version', '=', promptVersion)
      .where('state', '=', 'settled')
      .where('input_chars', 'is not', null)
      .where('input', 'is not', null)
      .orderBy('id', 'desc')
      .limit(learntFrom)
      .execute()
    return rows.map((row) => ({
      chars: row.input_chars ?? 0,
      tokens:
        (row.input ?? 0) + (row.cache_write_5m ?? 0) + (row.cache_write_1h ?? 0) + (row.cache_read ?? 0),
    }))
  }

  /** Sums of each day from one on; days without any are missing. */
  async function byDay(from: string): Promise<Map<string, NanoUsd>> {
    const rows = await db.read
      .selectFrom('ai_spend')
      .select(({ fn }) => ['day', fn.sum<number>('charged_nano_usd').as('used')])
      .where('day', '>=', from)
      .groupBy('day')
      .execute()
    return new Map(rows.map(({ day, used }) => [day, Number(used)]))
  }

  /** The day of the first call ever; null before it. */
  async function firstDay(): Promise<string | null> {
    const row = await db.read.selectFrom('ai_spend').select('day').orderBy('day').limit(1).executeTakeFirst()
    return row?.day ?? null
  }

  /** Amounts since a day by agent, node, model and state; calls that were never billed are not counted. */
  async function shares(from: string) {
    const rows = await db.read
      .selectFrom('ai_call')
      .leftJoin('node', 'node.id', 'ai_call.node_id')
      .select(({ fn }) => [
        'agent_id',
        'node_id',
        'node.name as node_name',
        'driver',
        'model',
        fn.min<number>('is_price_known').as('is_price_known'),
        fn.sum<number>('charged_nano_usd').as('charged'),
        fn.countAll<number>().as('calls'),
        sql<number>`sum(case when state = 'unknown' then charged_nano_usd else 0 end)`.as('unknown'),
      ])
      .where('day', '>=', from)
      .where('state', '!=', 'released')
      .groupBy(['agent_id', 'node_id', 'driver', 'model'])
      .execute()
    return rows.map((row) => ({
      agentId: row.agent_id,
      nodeId: row.node_id,
      nodeName: row.node_name,
      driver: row.driver,
      model: row.model,
      isPriceKnown: Number(row.is_price_known) === 1,
      nanoUsd: Number(row.charged),
      calls: Number(row.calls),
      unknownNanoUsd: Number(row.unknown),
    }))
  }

  async function addSaving(
    tx: Tx,
    saving: { day: string; agentId: AgentId; reason: SavingReason; nanoUsd: NanoUsd },
  ): Promise<void> {
    await tx
      .insertInto('ai_saving')
      .values({
        day: saving.day,
        agent_id: saving.agentId,
        reason: saving.reason,
        runs: 1,
        saved_nano_usd: saving.nanoUsd,
      })
      .onConflict((row) =>
        row.columns(['day', 'agent_id', 'reason']).doUpdateSet((old) => ({
          runs: old('ai_saving.runs', '+', 1),
          saved_nano_usd: old('ai_saving.saved_nano_usd', '+', saving.nanoUsd),
        })),
      )
      .execute()
  }

  async function savings(from: string): Promise<{ reason: SavingReason; runs: number; nanoUsd: NanoUsd }[]> {
    const rows = await db.read
      .selectFrom('ai_saving')
      .select(({ fn }) => [
        'reason',
        fn.sum<number>('runs').as('runs'),
        fn.sum<number>('saved_nano_usd').as('saved'),
      ])
      .where('day', '>=', from)
      .groupBy('reason')
      .orderBy('saved', 'desc')
      .execute()
    return rows.map(({ reason, runs, saved }) => ({ reason, runs: Number(runs), nanoUsd: Number(saved) }))
  }

  return {
    insert,
    find,
    change,
    sums,
    agentSums,
    usedByExecution,
    page,
    after,
    abandoned,
    lastUses,
    measuredPrompts,
    byDay,
    firstDay,
    shares,
    addSaving,
    savings,
  }
}
export type CallStore = ReturnType<typeof createCallStore>

/** Who spent, as `shares` tells. */
export type Share = Awaited<ReturnType<CallStore['shares']>>[number]

const callFromRow = (row: CallRow): StoredCall => ({
  id: row.id,
  at: row.created_at,
  day: row.day,
  purpose: row.purpose,
  executionId: row.execution_id,
  nodeId: row.node_id as NodeId | null,
  agentId: row.agent_id,
  driver: row.driver,
  model: row.model,
  mode: row.mode,
  billing: row.billing,
  state: row.state,
  priceRow: row.price_row,
  isPriceKnown: row.is_price_known === 1,
  inputBound: row.input_bound,
  maxOutput: row.max_output,
  cacheTtl: row.cache_ttl,
  reservedNanoUsd: row.reserved_nano_usd,
  chargedNanoUsd: row.charged_nano_usd,
  listNanoUsd: row.list_nano_usd,
  use:
    row.input === null
      ? null
      : {
          input: row.input,
          cacheWrite5m: row.cache_write_5m ?? 0,
          cacheWrite1h: row.cache_write_1h ?? 0,
          cacheRead: row.cache_read ?? 0,
          output: row.output ?? 0,
          thinking: row.thinking ?? 0,
        },
  requestId: row.request_id,
  stopReason: row.stop_reason,
  durationMs: row.duration_ms,
  why: row.why,
})

/** Without what only the ledger needs. */
export const toAiCall = ({
  day: _day,
  priceRow: _row,
  inputBound: _bound,
  maxOutput: _most,
  cacheTtl: _ttl,
  ...call
}: StoredCall): AiCall => call
