import type { costsApi } from '../../contract/costs.ts'
import type { Handlers } from '../lib/routes.ts'

/** Nothing in this version asks a model, so nothing is ever spent. */
export function createCostRoutes(): Handlers<typeof costsApi> {
  return {
    costs: {
      summary: () => ({ todayNanoUsd: 0, monthNanoUsd: 0, dailyLimitNanoUsd: null }),
    },
  }
}
