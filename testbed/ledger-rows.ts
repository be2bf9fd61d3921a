import type { AgentId, ExecutionId, NodeId } from '../contract/ids.ts'
import { bundledPrices } from '../server/costs/bundled-prices.ts'
import { costOf, priceFor, priceRowId, worstCost } from '../server/costs/prices.ts'
import type { Database } from '../server/db/database.ts'
import { systemClock } from '../server/lib/clock.ts'
import { createIds } from '../server/lib/id.ts'

interface LedgerRows {
  readonly count: number
  /** Over so many days up to `now`. */
  readonly days: number
  readonly now: Date
  readonly agents?: readonly AgentId[]
  readonly nodes?: readonly NodeId[]
  /** Of this one are the newest three calls. */
  readonly execution?: { readonly id: ExecutionId; readonly agentId: AgentId; readonly nodeId: NodeId }
}

const dayMs = 86_400_000
const atOnce = 500

/** Fills a ledger as if models had been asked for a while: mostly the cheap one, now and then the deep one. */
export async function fillLedger(db: Database, rows: LedgerRows): Promise<void> {
  const { count, days, now, agents = ['system-health' as AgentId], nodes = [], execution } = rows
  const stepMs = (days * dayMs) / count
  for (let from = 0; from < count; from += atOnce) {
    const values = Array.from({ length: Math.min(atOnce, count - from) }, (_, offset) => {
      const index = from + offset
      const isNewest = count - index <= 3
      const at = new Date(now.getTime() - (count - 1 - index) * stepMs)
      const about = isNewest && execution ? execution : undefined
      return {
        ...aRow(index, at),
        execution_id: about?.id ?? null,
        agent_id: about?.agentId ?? agents[(index * 7) % (agents.length + 1)] ?? agents[0] ?? null,
        node_id: about?.nodeId ?? nodes[index % Math.max(1, nodes.length)] ?? null,
      }
    })
    await db.write((tx) => tx.insertInto('ai_call').values(values).execute())
  }
}

function aRow(index: number, at: Date) {
  const model = index % 9 === 4 ? 'claude-sonnet-5-5' : 'claude-haiku-5-5'
  const { row } = priceFor(model, at.toISOString().slice(0, 10), bundledPrices)
  const cacheRead = index % 3 === 0 ? 1_900 : 0
  const use = {
    input: 1_650 + ((index * 37) % 900) + (1_900 - cacheRead),
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    cacheRead,
    output: 500 + ((index * 53) % 700),
    thinking: (index * 31) % 300,
  }
  const bounds = { inputBound: 4_800, maxOutput: 4_000, mode: 'direct', cacheTtl: 'none' } as const
  const cost = costOf(row, use, 'direct')
  const state = index % 211 === 20 ? ('unknown' as const) : ('settled' as const)
  return {
    id: createIds({ ...systemClock, now: () => at })('aic'),
    created_at: at.toISOString(),
    day: at.toISOString().slice(0, 10),
    purpose: index % 9 === 4 ? ('question' as const) : ('explanation' as const),
    driver: 'anthropic' as const,
    model,
    mode: bounds.mode,
    billing: 'metered' as const,
    state,
    price_row: priceRowId(row),
    is_price_known: 1 as const,
    input_bound: bounds.inputBound,
    max_output: bounds.maxOutput,
    cache_ttl: bounds.cacheTtl,
    input_chars: 7_800,
    prompt_version: '1',
    reserved_nano_usd: worstCost(row, bounds),
    charged_nano_usd: state === 'settled' ? cost : worstCost(row, bounds),
    list_nano_usd: state === 'settled' ? cost : null,
    input: state === 'settled' ? use.input : null,
    cache_write_5m: state === 'settled' ? 0 : null,
    cache_write_1h: state === 'settled' ? 0 : null,
    cache_read: state === 'settled' ? use.cacheRead : null,
    output: state === 'settled' ? use.output : null,
    thinking: state === 'settled' ? use.thinking : null,
    request_id: `req_${index}`,
    stop_reason: state === 'settled' ? 'end_turn' : null,
    duration_ms: 900 + ((index * 17) % 2_000),
    why: state === 'settled' ? null : 'No answer within 60 s.',
    expires_at: at.toISOString(),
  }
}
