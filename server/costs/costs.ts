import { Readable } from 'node:stream'
import type { DriverKind } from '../../contract/ai.ts'
import type { AiCall, CallState, CostEstimate } from '../../contract/costs.ts'
import type { AgentId, ExecutionId } from '../../contract/ids.ts'
import type { PageQuery } from '../../contract/page.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { EventBus } from '../lib/events.ts'
import type { Logger } from '../lib/logger.ts'
import type { Notices } from '../notices/notices.ts'
import type { Occasions } from '../occasions/occasions.ts'
import { addDays, dayOf } from './calendar.ts'
import { exportCsv } from './csv.ts'
import { createLedger } from './ledger.ts'
import { createLimitStore } from './limit-store.ts'
import { createLimits } from './limits.ts'
import { createOverview } from './overview.ts'
import { createPriceList } from './price-list.ts'
import { billingOf } from './prices.ts'
import { createRecost } from './recost.ts'
import { createCallStore, toAiCall } from './store.ts'

/** The model that is asked when nobody names one. */
export interface Chosen {
  readonly driver: DriverKind
  readonly model: string | null
  /** Left out, as `billingOf` says. */
  readonly billing?: CostEstimate['billing']
  /** Whether what is asked only plays a model. */
  readonly isStandIn?: boolean
}

interface CostTools {
  db: Database
  audit: Audit
  notices: Pick<Notices, 'put'>
  occasions: Pick<Occasions, 'put'>
  events: EventBus
  clock: Clock
  logger: Logger
  chosen: () => Chosen
}

/** Money: what models cost, may cost, and will cost. */
export async function createCosts(tools: CostTools) {
  const { db, audit, notices, occasions, events, clock, logger, chosen } = tools
  const store = createCallStore(db)
  const limitStore = createLimitStore(db)
  const limits = createLimits({
    db,
    store: limitStore,
    calls: store,
    audit,
    notices,
    occasions,
    events,
    clock,
  })
  const prices = await createPriceList({ db, store: limitStore, audit, events, clock })
  const ledger = createLedger({ db, store, limitStore, limits, prices, audit, events, clock, logger })
  const recost = createRecost({ db, store, prices, audit, events })
  const overview = createOverview({ db, store, limitStore, limits, prices, chosen, clock })

  /** One page of calls, newest first; the cursor is the id of the last one seen. */
  async function calls(
    query: PageQuery & { executionId?: ExecutionId | undefined; state?: CallState | undefined },
  ): Promise<{ items: AiCall[]; nextCursor: string | null }> {
    const found = await store.page({
      before: query.cursor ?? null,
      limit: query.limit + 1,
      executionId: query.executionId,
      state: query.state,
    })
    const items = found.slice(0, query.limit).map(toAiCall)
    return { items, nextCursor: found.length > query.limit ? (items.at(-1)?.id ?? null) : null }
  }

  /** The calls of the last days as CSV. */
  async function csv(days: number): Promise<{ fileName: string; body: Readable }> {
    const today = dayOf(clock.now(), await limitStore.zone())
    const from = addDays(today, 1 - days)
    return { fileName: `costs-${from}-${today}.csv`, body: Readable.from(exportCsv(store, db.read, from)) }
  }

  /** What the model costs in one run of an agent on one node; nothing while there is none. */
  async function estimate(wanted: {
    agentId: AgentId
    driver?: DriverKind | undefined
    model?: string | undefined
    inputTokens?: number | undefined
  }): Promise<CostEstimate> {
    const settings = chosen()
    const driver = wanted.driver ?? settings.driver
    const model = wanted.model ?? settings.model
    const billing = settings.billing ?? billingOf(driver, prices.at(model ?? '', clock.now()))
    const none = { likelyNanoUsd: 0, mostNanoUsd: 0, atLeastNanoUsd: 0 } as const
    if (driver === 'none' || model === null) {
      return { driver, model, isAiOn: false, billing, ...none, isPriceKnown: true, learntFrom: 0 }
    }
    const { agentId, inputTokens } = wanted
    const amounts = await ledger.estimate({ driver, model, agentId, inputTokens })
    return {
      driver,
      model,
      isAiOn: true,
      billing,
      ...amounts,
      // What one has paid for anyway, or owns, costs nothing more.
      ...(billing !== 'metered' && none),
    }
  }

  return { ledger, limits, prices, overview, recost, calls, csv, estimate }
}
export type Costs = Awaited<ReturnType<typeof createCosts>>
