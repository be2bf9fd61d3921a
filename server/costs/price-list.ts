import type { PriceChange, PriceRow } from '../../contract/costs.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import type { EventBus } from '../lib/events.ts'
import { bundledAsOf, bundledPrices } from './bundled-prices.ts'
import type { LimitStore } from './limit-store.ts'
import { areOld, type Price, priceFor } from './prices.ts'

interface PriceListTools {
  db: Database
  store: LimitStore
  audit: Audit
  events: EventBus
  clock: Clock
}

/** The prices of models: those that came with this version, under those that people set. */
export async function createPriceList({ db, store, audit, events, clock }: PriceListTools) {
  let rows: readonly PriceRow[] = [...bundledPrices, ...(await store.prices())]

  /** Also what another process has set. */
  async function read(tx: Tx): Promise<readonly PriceRow[]> {
    rows = [...bundledPrices, ...(await store.prices(tx))]
    return rows
  }

  /** From memory. */
  const at = (model: string, when: Date): Price => priceFor(model, dayInUtc(when), rows)

  const isOld = (): boolean => areOld(bundledAsOf, clock.now())

  /** In force or to come, and those of before; by model, newest first. */
  const list = () => ({
    asOf: bundledAsOf,
    areOld: isOld(),
    items: rows.toSorted(
      (one, other) =>
        one.model.localeCompare(other.model) ||
        other.source.localeCompare(one.source) ||
        other.effectiveFrom.localeCompare(one.effectiveFrom),
    ),
  })

  async function set(model: string, wanted: PriceChange, actor: Actor): Promise<PriceRow> {
    const row: PriceRow = { model, ...wanted, source: 'user', asOf: dayInUtc(clock.now()) }
    await db.write(async (tx) => {
      const before = priceFor(model, wanted.effectiveFrom, await read(tx))
      await store.putPrice(tx, row)
      await audit.append(tx, {
        actor,
        action: 'price.changed',
        target: model,
        detail: {
          effectiveFrom: wanted.effectiveFrom,
          batchPercent: wanted.batchPercent,
          before: before.isKnown ? before.row.tiers : null,
          after: wanted.tiers,
        },
      })
    })
    await reread()
    return row
  }

  /** Goes back to what came with this version, if that knows the model; says how many rows went. */
  async function reset(model: string, actor: Actor): Promise<number> {
    const removed = await db.write(async (tx) => {
      const count = await store.removePrices(tx, model)
      if (count > 0)
        await audit.append(tx, { actor, action: 'price.reset', target: model, detail: { rows: count } })
      return count
    })
    if (removed > 0) await reread()
    return removed
  }

  async function reread(): Promise<void> {
    rows = [...bundledPrices, ...(await store.prices())]
    events.emit('costs.changed', {})
  }

  return { read, at, list, isOld, set, reset }
}
export type PriceList = Awaited<ReturnType<typeof createPriceList>>

/** Providers change prices by their own calendar, not by that of the budgets. */
export const dayInUtc = (at: Date): string => at.toISOString().slice(0, 10)
