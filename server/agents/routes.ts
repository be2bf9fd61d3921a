import type { agentsApi } from '../../contract/agents.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Catalogue } from './catalogue.ts'

interface AgentRouteTools {
  readonly catalogue: Catalogue
  readonly db: Database
  readonly audit: Pick<Audit, 'append'>
}

export function createAgentRoutes({ catalogue, db, audit }: AgentRouteTools): Handlers<typeof agentsApi> {
  return {
    agents: {
      list: () => ({ items: catalogue.list().map(({ agent }) => agent), leftOut: catalogue.leftOut() }),
      get: ({ params }) => catalogue.get(params.id).agent,
      reload: async (_request, { actor }) => {
        const { take, ...told } = catalogue.readAgain()
        const { added, changed, removed, leftOut } = told
        const detail = { added, changed, removed, leftOut: leftOut.map(({ folder }) => folder) }
        // On record first: from here on another program may run on nodes.
        await db.write((tx) => audit.append(tx, { actor, action: 'agents.reloaded', target: null, detail }))
        take()
        return told
      },
    },
  }
}
