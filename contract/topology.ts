import * as z from 'zod'
import { defineApi } from './endpoint.ts'
import { nodeId } from './ids.ts'
import { nodeHealth } from './nodes.ts'

/** A node as a picture of all of them needs it. */
export const placedNode = z
  .object({
    id: nodeId,
    name: z.string(),
    tags: z.array(z.string()),
    /** The node that its connections go through; null when it is reached directly. */
    jumpNodeId: nodeId.nullable(),
    health: nodeHealth,
    /** Open findings that nobody has acknowledged. */
    findings: z.number(),
  })
  .meta({ id: 'PlacedNode' })
export type PlacedNode = z.infer<typeof placedNode>

export const topologyApi = defineApi({
  topology: {
    get: {
      method: 'GET',
      path: '/topology',
      summary: 'Show every node with its tags, its health and the way to it, by name',
      permission: 'node.read',
      reply: z.object({ items: z.array(placedNode) }),
    },
  },
})
