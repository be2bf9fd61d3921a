import type { RecostResult } from '../../contract/costs.ts'
import type { AiCallId } from '../../contract/ids.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { EventBus } from '../lib/events.ts'
import { dayInUtc, type PriceList } from './price-list.ts'
import { billedCost, priceFor, priceRowId, worstCost } from './prices.ts'
import type { CallChange, CallStore, StoredCall } from './store.ts'
import type { PriceRow } from '../../contract/costs.ts'

interface RecostTools {
  db: Database
  store: CallStore
  prices: PriceList
  audit: Audit
  events: EventBus
}

/** Calls in one transaction: others get their turn between. */
const stride = 500

/**
 * Computes every call anew from its tokens with the prices as they are now, also what is held. Then a price that was
 * mistyped once neither stands in the sums nor keeps blocking at a limit.
 */
export function createRecost({ db, store, prices, audit, events }: RecostTools) {
  return async function recost(actor: Actor): Promise<RecostResult> {
    const total = { looked: 0, changed: 0, beforeNanoUsd: 0, afterNanoUsd: 0 }
    let after: AiCallId | null = null
    for (;;) {
      const calls: StoredCall[] = await db.write(async (tx) => {
        const rows = await prices.read(tx)
        const page = await store.after(tx, { after, limit: stride })
        for (const call of page) {
          const change = changeOf(call, rows)
          total.looked += 1
          total.beforeNanoUsd += call.chargedNanoUsd
          total.afterNanoUsd += change?.chargedNanoUsd ?? call.chargedNanoUsd
          if (!change) continue
          total.changed += 1
          await store.change(tx, call.id, change)
        }
        return page
      })
      if (calls.length < stride) break
      after = calls.at(-1)?.id ?? null
    }
    await db.write((tx) => audit.append(tx, { actor, action: 'costs.recosted', target: null, detail: total }))
    events.emit('costs.changed', {})
    return total
  }
}

/** What is different with these prices; null for nothing. What was released costs nothing at any price. */
function changeOf(call: StoredCall, rows: readonly PriceRow[]): CallChange | null {
  if (call.state === 'released') return null
  const price = priceFor(call.model, dayInUtc(new Date(call.at)), rows)
  const isMetered = call.billing === 'metered'
  const reservedNanoUsd = isMetered ? worstCost(price.row, call) : 0
  const list = call.use && billedCost(price.row, call.use, call)
  // Without tokens only the bounds are known, of what is held as of what somebody said was billed.
  const chargedNanoUsd = list !== null && call.state === 'settled' ? (isMetered ? list : 0) : reservedNanoUsd
  const change = {
    reservedNanoUsd,
    chargedNanoUsd,
    listNanoUsd: list,
    priceRow: priceRowId(price.row),
    isPriceKnown: price.isKnown,
  }
  const isSame =
    change.reservedNanoUsd === call.reservedNanoUsd &&
    change.chargedNanoUsd === call.chargedNanoUsd &&
    change.listNanoUsd === call.listNanoUsd &&
    change.priceRow === call.priceRow &&
    change.isPriceKnown === call.isPriceKnown
  return isSame ? null : change
}
