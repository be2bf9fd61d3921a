import type { CostForecast } from '../../contract/costs.ts'
import type { NanoUsd } from '../../contract/money.ts'

/** Fewer whole days than these tell nothing. */
const leastDays = 3
/** Four of five outcomes lie within so many standard deviations. */
const width = 1.2816

interface ForecastOf {
  /** Spent in whole days before today, newest last, also those with nothing. */
  readonly wholeDays: readonly NanoUsd[]
  /** Spent in this month, today included. */
  readonly monthNanoUsd: NanoUsd
  readonly todayNanoUsd: NanoUsd
  /** Days after today until the month ends. */
  readonly daysLeft: number
  /** Nothing is spent beyond it; null for none. */
  readonly limitNanoUsd: NanoUsd | null
}

/**
 * What a month will come to if its days go on like those before: the mean of the whole days for each day that is left,
 * and today at least as it is. Null while there are too few days to tell.
 */
export function forecastMonth(given: ForecastOf): CostForecast | null {
  const { wholeDays, monthNanoUsd, todayNanoUsd, daysLeft, limitNanoUsd } = given
  const count = wholeDays.length
  if (count < leastDays) return null
  const mean = wholeDays.reduce((sum, day) => sum + day, 0) / count
  const variance = wholeDays.reduce((sum, day) => sum + (day - mean) ** 2, 0) / (count - 1)
  const restOfToday = Math.max(0, mean - todayNanoUsd)
  const likely = monthNanoUsd + restOfToday + mean * daysLeft
  // Days differ among themselves, and the mean of a few days is itself uncertain.
  const days = daysLeft + (restOfToday > 0 ? 1 : 0)
  const spread = width * Math.sqrt(variance * (days + days ** 2 / count))
  const bounded = (amount: number) =>
    Math.round(Math.max(monthNanoUsd, Math.min(amount, limitNanoUsd ?? amount)))
  return {
    likelyNanoUsd: bounded(likely),
    leastNanoUsd: bounded(likely - spread),
    mostNanoUsd: bounded(likely + spread),
    days: count,
  }
}
