import * as z from 'zod'
import { actionType } from './actions.ts'
import { agentId } from './ids.ts'

/**
 * `agent.yaml`: what an agent is, needs and may do. The same file gives the catalogue entry, the options form,
 * the check before a run and what the server sends along.
 */
const optionSchema = z.looseObject({
  type: z.enum(['string', 'integer', 'number', 'boolean', 'array']),
  title: z.string().optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
})

export const agentManifest = z
  .strictObject({
    id: agentId,
    version: z.string().regex(/^\d+\.\d+\.\d+$/, 'Three numbers, e.g. 1.0.0'),
    title: z.string().min(1).max(80),
    description: z.string().min(1).max(500),
    protocol: z.literal(1),
    /** What it reads on a node, in words for the person who grants it. */
    reads: z.array(z.string()).default([]),
    /** `report`: it looks · `plan`: it proposes changes as well · `apply`: it can make those that were approved. */
    modes: z
      .array(z.enum(['report', 'plan', 'apply']))
      .min(1)
      .default(['report']),
    /** Kinds of change it can propose; empty for an agent that only reads. */
    actions: z.array(actionType).default([]),
    costClass: z.enum(['light', 'medium', 'heavy']).default('light'),
    /** Whole run, seconds: what is used when the request names none, and the most it may name. */
    timeoutS: z
      .strictObject({
        default: z.number().int().min(1).max(86_400).default(300),
        max: z.number().int().min(1).max(86_400).default(3_600),
      })
      .refine((seconds) => seconds.default <= seconds.max, 'The default is more than the most'),
    /** Whether a run goes on while the link or the server is away, and is picked up again. */
    resumable: z.boolean().default(true),
    /** Keys of past samples that its rules need; see `history` in the protocol. */
    history: z.array(z.string()).default([]),
    /** What the server lends it for each run: `repository` are the passwords of the node's backups. Built-in agents only. */
    secrets: z.array(z.enum(['repository'])).default([]),
    platforms: z.array(z.string()).default(['linux']),
    /** What it can do with which rights, shown on the node page. */
    privileges: z.record(z.string(), z.string()).default({}),
    /** Commands it would run through `sudo -n` where the node allows: name → why. */
    sudo: z.array(z.strictObject({ why: z.string(), argv: z.array(z.string()).min(1) })).default([]),
    /** JSON Schema (type, enum, default, minimum, maximum, items, pattern, title, description). */
    options: z
      .strictObject({
        type: z.literal('object'),
        additionalProperties: z.literal(false),
        properties: z.record(z.string(), optionSchema),
        required: z.array(z.string()).optional(),
      })
      .default({ type: 'object', additionalProperties: false, properties: {} }),
  })
  .refine(({ modes, actions }) => modes.includes('plan') === actions.length > 0, {
    path: ['modes'],
    message: 'An agent that plans names its actions, and only such an agent does',
  })
  .refine(({ modes }) => modes.includes('plan') || !modes.includes('apply'), {
    path: ['modes'],
    message: 'Only what was planned can be applied',
  })
  .meta({ id: 'AgentManifest' })
export type AgentManifest = z.infer<typeof agentManifest>
