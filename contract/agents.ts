import * as z from 'zod'
import { agentManifest } from './agent-manifest.ts'
import { defineApi } from './endpoint.ts'
import { agentId } from './ids.ts'

/** An agent of the catalogue: its manifest, where it comes from, and what exactly travels. */
export const agent = z
  .object({
    manifest: agentManifest,
    origin: z.enum(['built-in', 'installed']),
    /** SHA-256 of the bundle that is carried to nodes. */
    bundleSha256: z.string(),
    bundleBytes: z.number(),
    readme: z.string(),
  })
  .meta({ id: 'Agent' })
export type Agent = z.infer<typeof agent>

export const agentsApi = defineApi({
  agents: {
    list: {
      method: 'GET',
      path: '/agents',
      summary: 'List the agents of the catalogue',
      permission: 'agent.read',
      reply: z.object({ items: z.array(agent) }),
    },
    get: {
      method: 'GET',
      path: '/agents/:id',
      summary: 'Show one agent with its manifest and options',
      permission: 'agent.read',
      params: z.object({ id: agentId }),
      reply: agent,
      errors: ['agent.not_found'],
    },
  },
})
