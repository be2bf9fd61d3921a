import type { AiCallId } from '../contract/ids.ts'
import type { CallToPay, Ledger, TokenUse } from '../server/ai/to-pay.ts'

export interface LedgerEntry {
  readonly call: CallToPay
  state: 'reserved' | 'settled' | 'released' | 'held'
  use?: TokenUse
  why?: string
}

/** Writes down what a real ledger would be told. A call costs a nano-dollar per token; `limit` denies what comes after. */
export function createInMemoryLedger({ limit = Number.POSITIVE_INFINITY } = {}) {
  const entries = new Map<AiCallId, LedgerEntry>()
  const get = (id: AiCallId): LedgerEntry => {
    const entry = entries.get(id)
    if (entry?.state !== 'reserved') throw new Error(`${id} is not reserved`)
    return entry
  }
  const price = ({ input, output, cacheRead, cacheWrite1h, cacheWrite5m }: TokenUse) =>
    input + output + cacheRead + cacheWrite1h + cacheWrite5m
  const ledger: Ledger = {
    reserve: async (call) => {
      if (entries.size >= limit) {
        return { kind: 'denied', limit: 'day', limitNanoUsd: 1e9, resetsAt: '2026-03-02T00:00:00.000Z' }
      }
      entries.set(call.id, { call, state: 'reserved' })
      return { kind: 'reserved' }
    },
    settle: async (id, use) => {
      Object.assign(get(id), { state: 'settled', use })
      return price(use)
    },
    release: async (id, why) => void Object.assign(get(id), { state: 'released', why }),
    hold: async (id, why) => void Object.assign(get(id), { state: 'held', why }),
    costOf: (_model, use) => ({ nanoUsd: price(use), isPriceKnown: true }),
  }
  return {
    ...ledger,
    entries,
    /** What became of every reservation, oldest first. */
    states: () => [...entries.values()].map(({ state }) => state),
  }
}
