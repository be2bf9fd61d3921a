import { expect, test } from 'vitest'
import { simulateMonth } from '../../../testbed/month.ts'

test.each([1, 2])(
  'a month of ten nodes every hour asks a model seldom, and never where nothing happened (%s)',
  (seed) => {
    const { runs, calls, quietRuns, callsOfQuietRuns } = simulateMonth({ nodes: 10, seed })
    expect(runs).toBe(7_200)
    expect(quietRuns).toBeGreaterThan(7_000)
    expect(callsOfQuietRuns).toBe(0)
    // Faults begin 45 times in such a month; their ends are news as well.
    expect(calls).toBeGreaterThan(20)
    expect(calls).toBeLessThan(150)
  },
)
