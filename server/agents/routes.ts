import type { agentsApi } from '../../contract/agents.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Catalogue } from './catalogue.ts'

export function createAgentRoutes(catalogue: Catalogue): Handlers<typeof agentsApi> {
  return {
    agents: {
      list: () => ({ items: catalogue.list().map(({ agent }) => agent) }),
      get: ({ params }) => catalogue.get(params.id).agent,
    },
  }
}
