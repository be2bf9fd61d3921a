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

/** Something that is wrong with an agent, at the place where its author can put it right. */
export const agentProblem = z
  .object({
    /** Below the folder of the agent, e.g. `agent.yaml`. */
    file: z.string(),
    /** Counted from 1; null where it is about the file as a whole. */
    line: z.number().nullable(),
    column: z.number().nullable(),
    /** An error keeps the agent from running, or from running everywhere; a warning may be meant so. */
    severity: z.enum(['error', 'warning']),
    /** What kind of thing it is, e.g. `manifest`, `options`, `python`, `import`, `name`, `size`. */
    rule: z.string(),
    message: z.string(),
    fix: z.string(),
  })
  .meta({ id: 'AgentProblem' })
export type AgentProblem = z.infer<typeof agentProblem>

/** The folder of an own agent that the server did not take, and why. */
export const leftOutAgent = z
  .object({ folder: z.string(), problems: z.array(agentProblem) })
  .meta({ id: 'LeftOutAgent' })
export type LeftOutAgent = z.infer<typeof leftOutAgent>

export const agentsApi = defineApi({
  agents: {
    list: {
      method: 'GET',
      path: '/agents',
      summary: 'List the agents of the catalogue',
      permission: 'agent.read',
      reply: z.object({ items: z.array(agent), leftOut: z.array(leftOutAgent) }),
    },
    reload: {
      method: 'POST',
      path: '/agents/reload',
      summary: 'Read own agents from their folders again',
      permission: 'agent.write',
      /** What is different from before, by id. A run that goes on keeps the program it began with. */
      reply: z.object({
        added: z.array(agentId),
        changed: z.array(agentId),
        removed: z.array(agentId),
        leftOut: z.array(leftOutAgent),
      }),
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
