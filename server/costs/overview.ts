import type { CostSummary, Spending } from '../../contract/costs.ts'
import type { NanoUsd } from '../../contract/money.ts'
import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import { addDays, dayOf, daysBetween, daysInMonth } from './calendar.ts'
import type { Chosen } from './costs.ts'
import { forecastMonth } from './forecast.ts'
import type { Limits } from './limits.ts'
import type { LimitStore } from './limit-store.ts'
import { inForce } from './limits.ts'
import { monthOfDay } from './calendar.ts'
import type { PriceList } from './price-list.ts'
import type { CallStore, Share } from './store.ts'
import { suggest } from './suggestions.ts'

interface OverviewTools {
  db: Database
  store: CallStore
  limitStore: LimitStore
  limits: Limits
  prices: PriceList
  chosen: () => Chosen
  clock: Clock
}

/** Days before today that a forecast is learnt from, at the most. */
const forecastDays = 28

/** Does for explanations unless somebody wants a deeper look. */
const cheapModel = 'claude-haiku-5-5'

/** The figures that people look at. */
export function createOverview({ db, store, limitStore, limits, prices, chosen, clock }: OverviewTools) {
  async function summary(): Promise<CostSummary> {
    const zone = await limitStore.zone()
    const day = dayOf(clock.now(), zone)
    const set = await limitStore.limits()
    const sums = await store.sums(db.read, day, null)
    const { asOf, areOld } = prices.list()
    return {
      todayNanoUsd: sums.day.used,
      monthNanoUsd: sums.month.used,
      heldTodayNanoUsd: sums.day.held,
      heldMonthNanoUsd: sums.month.held,
      dailyLimitNanoUsd: inForce(set, 'day', null),
      monthlyLimitNanoUsd: inForce(set, 'month', null),
      reached: await reachedNow(day, zone, {
        month: { limit: inForce(set, 'month', null), used: sums.month.used },
        day: { limit: inForce(set, 'day', null), used: sums.day.used },
      }),
      zone,
      isAiOn: chosen().driver !== 'none',
      isStandIn: chosen().isStandIn === true,
      prices: { asOf, areOld },
    }
  }

  /** The limit that is used up, or that a call did not fit under any more. */
  async function reachedNow(
    day: string,
    zone: string,
    standings: Record<'month' | 'day', { limit: NanoUsd | null; used: NanoUsd }>,
  ): Promise<CostSummary['reached']> {
    for (const limit of ['month', 'day'] as const) {
      const { limit: limitNanoUsd, used } = standings[limit]
      if (limitNanoUsd === null) continue
      const period = limit === 'day' ? day : monthOfDay(day)
      const isReached =
        used >= limitNanoUsd || (await limitStore.hasNotice({ limit, agentId: null, period, percent: 100 }))
      if (isReached) return { limit, agentId: null, limitNanoUsd, resetsAt: limits.nextAt(limit, zone) }
    }
    return null
  }

  /** The last days, today included. */
  async function spending(days: number): Promise<Spending> {
    const zone = await limitStore.zone()
    const to = dayOf(clock.now(), zone)
    const from = addDays(to, 1 - days)
    const byDay = await store.byDay(from)
    const shares = await store.shares(from)
    const byAgent = grouped(shares, ({ agentId }) => ({ agentId }))
    const byModel = grouped(shares, ({ driver, model }) => ({ driver, model }))
    const models = byModel.map((one) => ({
      ...one,
      isPriceKnown: shares.every(({ model, isPriceKnown }) => model !== one.model || isPriceKnown),
    }))
    const forecast = await forecastOf(to)
    const set = await limitStore.limits()
    return {
      zone,
      from,
      to,
      totalNanoUsd: sumOf(shares, ({ nanoUsd }) => nanoUsd),
      calls: sumOf(shares, ({ calls }) => calls),
      days: daysBetween(from, to).map((day) => ({ day, nanoUsd: byDay.get(day) ?? 0 })),
      byAgent,
      byNode: grouped(shares, ({ nodeId, nodeName }) => ({ nodeId, nodeName })),
      byModel: models,
      savings: await store.savings(from),
      forecast,
      suggestions: suggest({
        forecast,
        monthlyLimit: inForce(set, 'month', null),
        heldUnknownNanoUsd: sumOf(shares, ({ unknownNanoUsd }) => unknownNanoUsd),
        byAgent,
        byModel: models,
        limitedAgents: new Set(set.flatMap(({ agentId }) => agentId ?? [])),
        arePricesOld: prices.isOld(),
        cheaper: cheaperThanChosen(),
      }),
    }
  }

  /** A cheaper model than the one that is asked by itself, as far as both prices are known. */
  function cheaperThanChosen() {
    const { driver, model: now } = chosen()
    if (driver !== 'anthropic' || now === null || now === cheapModel) return null
    const [dear, cheap] = [now, cheapModel].map((model) => prices.at(model, clock.now()))
    const [from, to] = [dear?.row.tiers[0], cheap?.row.tiers[0]]
    if (!dear?.isKnown || !from || !to) return null
    const ratio = Math.max(to.input / from.input, to.output / from.output)
    return ratio < 1 ? { now, model: cheapModel, ratio } : null
  }

  async function forecastOf(today: string): Promise<Spending['forecast']> {
    const first = await store.firstDay()
    if (first === null) return null
    const earliest = addDays(today, -forecastDays)
    const from = first > earliest ? first : earliest
    const monthStart = `${monthOfDay(today)}-01`
    const byDay = await store.byDay(from < monthStart ? from : monthStart)
    const amountOf = (day: string) => byDay.get(day) ?? 0
    const set = await limitStore.limits()
    return forecastMonth({
      wholeDays: daysBetween(from, addDays(today, -1)).map(amountOf),
      monthNanoUsd: sumOf(daysBetween(monthStart, today), amountOf),
      todayNanoUsd: amountOf(today),
      daysLeft: daysInMonth(today) - Number(today.slice(8)),
      limitNanoUsd: inForce(set, 'month', null),
    })
  }

  return { summary, spending }
}
export type Overview = ReturnType<typeof createOverview>

/** Sums by what a share is about, most expensive first. */
function grouped<Key extends object>(
  shares: readonly Share[],
  keyOf: (share: Share) => Key,
): (Key & { nanoUsd: NanoUsd; calls: number })[] {
  const groups = Map.groupBy(shares, (share) => JSON.stringify(keyOf(share)))
  return [...groups.values()]
    .flatMap((group) => {
      const [first] = group
      return first
        ? [
            {
              ...keyOf(first),
              nanoUsd: sumOf(group, ({ nanoUsd }) => nanoUsd),
              calls: sumOf(group, ({ calls }) => calls),
            },
          ]
        : []
    })
    .sort((one, other) => other.nanoUsd - one.nanoUsd || other.calls - one.calls)
}

const sumOf = <Item>(items: readonly Item[], amountOf: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + amountOf(item), 0)
