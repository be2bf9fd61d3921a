import type { AiCallId } from '../contract/ids.ts'
import { createAudit } from '../server/audit/audit.ts'
import { newAuditKeys } from '../server/audit/keys.ts'
import { type Chosen, createCosts } from '../server/costs/costs.ts'
import type { CallToPay } from '../server/costs/ledger.ts'
import type { Database } from '../server/db/database.ts'
import type { Clock } from '../server/lib/clock.ts'
import { createEvents } from '../server/lib/events.ts'
import { createIds } from '../server/lib/id.ts'
import { createLogger } from '../server/lib/logger.ts'
import { createNotices } from '../server/notices/notices.ts'
import { createOccasions } from '../server/occasions/occasions.ts'

interface CostFloorOptions {
  readonly db: Database
  readonly clock: Clock
  /** The model that is asked; left out, the cheap one of Anthropic. */
  readonly chosen?: () => Chosen
}

/** What a call of the cheap model looks like: 0.002355 USD at the most, 0.000755 USD when it is settled with `usualUse`. */
export const usualUse = {
  input: 3_550,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  cacheRead: 0,
  output: 800,
  thinking: 0,
}
export const usualWorst = 2_355_000
export const usualCost = 755_000
export const answered = { requestId: 'req_1', stopReason: 'end_turn', durationMs: 900 }

/** The floor of costs on a real database, with its audit trail and what it emitted. */
export async function createCostFloor({ db, clock, chosen }: CostFloorOptions) {
  const logger = createLogger('silent')
  const events = createEvents(logger)
  const audit = createAudit({ db, clock, keys: newAuditKeys() })
  const newId = createIds(clock)
  const costs = await createCosts({
    db,
    audit,
    notices: createNotices({ clock, newId, events }),
    occasions: createOccasions({ clock, newId, events }),
    events,
    clock,
    logger,
    chosen: chosen ?? (() => ({ driver: 'anthropic', model: 'claude-haiku-5-5' })),
  })
  const reached: { limit: string; percent: number }[] = []
  events.on('budget.reached', 'testbed', ({ limit, percent }) => void reached.push({ limit, percent }))

  const call = (wanted: Partial<CallToPay> = {}): CallToPay => ({
    id: newId('aic'),
    purpose: 'explanation',
    executionId: null,
    nodeId: null,
    agentId: null,
    driver: 'anthropic',
    model: 'claude-haiku-5-5',
    mode: 'direct',
    inputBound: 3_550,
    maxOutput: 4_000,
    cacheTtl: 'none',
    ...wanted,
  })

  /** Reserves and settles; the id of the call, or null where a limit says no. */
  async function spend(wanted: Partial<CallToPay> = {}, use = usualUse): Promise<AiCallId | null> {
    const one = call(wanted)
    if ((await costs.ledger.reserve(one)).kind === 'denied') return null
    await costs.ledger.settle(one.id, use, answered)
    return one.id
  }

  return { ...costs, audit, events, reached, call, spend }
}
export type CostFloor = Awaited<ReturnType<typeof createCostFloor>>
