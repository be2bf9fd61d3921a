import * as z from 'zod'
import { nodeId } from './ids.ts'

export { parseTargets, resolveTargets, type TargetNode } from './target-terms.ts'

/**
 * Which nodes a request means. A selector is one term or several joined by commas; each is an id, a name, a glob
 * over names (`docker-*`), a tag (`tag:storage`), or `all`. A leading `!` takes matches away again.
 */
export const targets = z.array(z.string().trim().min(1).max(200)).min(1).max(500)
export type Targets = z.infer<typeof targets>

/** A resolved selection, shown before anything runs. */
export const resolvedTargets = z
  .object({
    nodes: z.array(
      z.object({ id: nodeId, name: z.string(), eligible: z.boolean(), why: z.string().nullable() }),
    ),
    unmatched: z.array(z.string()),
  })
  .meta({ id: 'ResolvedTargets' })
