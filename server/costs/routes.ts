import type { costsApi } from '../../contract/costs.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Costs } from './costs.ts'

export function createCostRoutes(costs: Costs): Handlers<typeof costsApi> {
  const { ledger, limits, prices, overview } = costs
  return {
    costs: {
      summary: () => overview.summary(),
      spending: ({ query }) => overview.spending(query.days),
      calls: ({ query }) => costs.calls(query),
      resolve: ({ params, body }, { actor }) => ledger.resolve(params.id, body.wasBilled, actor),
      export: async ({ query }) => ({ mediaType: 'text/csv', ...(await costs.csv(query.days)) }),
      estimate: ({ body }) => costs.estimate(body),
      budgets: () => limits.list(),
      setBudget: async ({ body }, { actor }) => {
        await limits.set(body, actor)
        return limits.list()
      },
      setZone: async ({ body }, { actor }) => {
        await limits.setZone(body.zone, actor)
        return limits.list()
      },
      prices: () => prices.list(),
      setPrice: ({ params, body }, { actor }) => prices.set(params.model, body, actor),
      resetPrice: async ({ params }, { actor }) => ({ removed: await prices.reset(params.model, actor) }),
      recost: (_request, { actor }) => costs.recost(actor),
    },
  }
}
