import type { summaryApi } from '../../contract/summary.ts'
import type { topologyApi } from '../../contract/topology.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Glance } from './glance.ts'
import type { MetricsToken } from './metrics-token.ts'

export function createGlanceRoutes(
  glance: Glance,
  token: MetricsToken,
): Handlers<typeof summaryApi & typeof topologyApi> {
  return {
    summary: { get: () => glance.summary() },
    topology: { get: async () => ({ items: await glance.places() }) },
    metricsToken: {
      get: () => token.state(),
      create: async (_, { actor }) => ({ token: (await token.make(actor)).reveal() }),
      remove: async (_, { actor }) => {
        await token.remove(actor)
        return { isOn: false }
      },
    },
  }
}
