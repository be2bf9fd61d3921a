import { describe, expect, test } from 'vitest'
import { forecastMonth } from './forecast.ts'

const given = {
  wholeDays: [10, 10, 10, 10],
  monthNanoUsd: 44,
  todayNanoUsd: 4,
  daysLeft: 10,
  limitNanoUsd: null,
}

describe('a month', () => {
  test('of days that are all alike comes to just that', () => {
    expect(forecastMonth(given)).toEqual({ likelyNanoUsd: 150, leastNanoUsd: 150, mostNanoUsd: 150, days: 4 })
  })
  test('of days that differ has a range around it', () => {
    const forecast = forecastMonth({ ...given, wholeDays: [0, 20, 0, 20] })
    expect(forecast).toMatchObject({ likelyNanoUsd: 150 })
    expect(forecast?.leastNanoUsd).toBeLessThan(100)
    expect(forecast?.mostNanoUsd).toBeGreaterThan(200)
  })
  test('learnt from more days has a narrower range', () => {
    const few = forecastMonth({ ...given, wholeDays: [0, 20, 0, 20] })
    const many = forecastMonth({
      ...given,
      wholeDays: Array.from({ length: 28 }, (_, day) => (day % 2) * 20),
    })
    expect((many?.mostNanoUsd ?? 0) - (many?.leastNanoUsd ?? 0)).toBeLessThan(
      (few?.mostNanoUsd ?? 0) - (few?.leastNanoUsd ?? 0),
    )
  })
  test('never comes to less than is spent already, nor to more than its limit', () => {
    expect(forecastMonth({ ...given, wholeDays: [0, 0, 90], limitNanoUsd: 200 })).toMatchObject({
      leastNanoUsd: 44,
      mostNanoUsd: 200,
    })
  })
  test('of which two days are known is not guessed', () => {
    expect(forecastMonth({ ...given, wholeDays: [10, 10] })).toBeNull()
  })
  test('on its last day comes to what is spent', () => {
    expect(forecastMonth({ ...given, todayNanoUsd: 12, daysLeft: 0 })).toMatchObject({
      likelyNanoUsd: 44,
      mostNanoUsd: 44,
    })
  })
})
