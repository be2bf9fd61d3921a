import { type LimitKind, noticePercents } from '../../contract/costs.ts'
import type { AgentId } from '../../contract/ids.ts'
import { nanoPerUsd, type NanoUsd } from '../../contract/money.ts'

/** What holds until somebody sets something else: 10 cents an execution, 1 dollar a day, 10 dollars a month. */
export const defaultLimits: Readonly<Record<LimitKind, NanoUsd | null>> = {
  execution: nanoPerUsd / 10,
  day: nanoPerUsd,
  month: 10 * nanoPerUsd,
  agent: null,
}

/** A limit with what is used of it. */
export interface Standing {
  readonly limit: LimitKind
  readonly agentId: AgentId | null
  /** Null for none. That is not 0, which lets nothing pass. */
  readonly limitNanoUsd: NanoUsd | null
  /** Spent and held. */
  readonly usedNanoUsd: NanoUsd
}

export type LimitedStanding = Standing & { readonly limitNanoUsd: NanoUsd }

const hasLimit = (standing: Standing): standing is LimitedStanding => standing.limitNanoUsd !== null

/**
 * The limit that an amount does not fit under; null when it fits under all. Of several, the one that lasts longest: who
 * hears of a day would come back tomorrow in vain.
 */
export function firstBroken(standings: readonly Standing[], wanted: NanoUsd): LimitedStanding | null {
  const order: readonly LimitKind[] = ['month', 'agent', 'day', 'execution']
  const broken = standings
    .filter(hasLimit)
    // What costs nothing passes, also where nothing may be spent.
    .filter(({ limitNanoUsd, usedNanoUsd }) => wanted > 0 && usedNanoUsd + wanted > limitNanoUsd)
  return broken.sort((one, other) => order.indexOf(one.limit) - order.indexOf(other.limit))[0] ?? null
}

/** The highest share that people hear of and that is used, per cent; null for none. Of a limit of 0 nobody hears. */
export function reachedPercent({ limitNanoUsd, usedNanoUsd }: Standing): number | null {
  if (limitNanoUsd === null || limitNanoUsd === 0) return null
  const percent = (usedNanoUsd / limitNanoUsd) * 100
  return noticePercents.findLast((one) => percent >= one) ?? null
}
