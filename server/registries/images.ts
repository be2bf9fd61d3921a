import * as z from 'zod'
import { agentId } from '../../contract/ids.ts'

/** The agent whose images are looked up, and the shape it tells them in. */
export const advisorId = agentId.parse('update-advisor')
export const advisorSchema = 'update-advisor/1'

/** Images of one node that are looked at; the agent itself looks up no more. */
const mostImages = 500

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const days = z.number().min(1).max(3_650)

const imageFact = z.object({
  name: z.string().min(1).max(255),
  containers: z.array(z.string().max(255)).max(500).catch([]),
  digests: z.array(digest).max(100).catch([]),
  /** Unix seconds; null for a build that carries no real time. */
  created: z.number().min(0).max(1e11).nullable().catch(null),
  state: z.string().max(40),
  /** What the node was told, where it asked by itself. */
  answer: z
    .union([
      z.object({ digest }),
      z.object({ gone: z.literal(true) }),
      z.object({ error: z.string().max(400) }),
    ])
    .optional()
    .catch(undefined),
})
export type ImageFact = z.infer<typeof imageFact>

const lookupFact = z.object({
  registry: z.enum(['server', 'node', 'off']),
  newer_versions: z.boolean(),
  max_images: z.number().int().min(1).max(mostImages),
  image_warn_days: days,
  update_warn_days: days,
})
export type LookupFact = z.infer<typeof lookupFact>

/** Reads which images a node runs. It is a node's word: a row that does not fit is left as it is. Null when it says nothing. */
export function readImages(
  facts: Readonly<Record<string, unknown>>,
): { images: ReadonlyMap<unknown, ImageFact>; lookup: LookupFact } | null {
  const lookup = lookupFact.safeParse(facts['lookup'])
  const rows = facts['images']
  if (!lookup.success || !Array.isArray(rows)) return null
  const images = new Map<unknown, ImageFact>()
  for (const row of rows.slice(0, mostImages)) {
    const parsed = imageFact.safeParse(row)
    if (parsed.success) images.set(row, parsed.data)
  }
  return { images, lookup: lookup.data }
}
