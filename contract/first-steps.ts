import * as z from 'zod'
import { defineApi } from './endpoint.ts'
import { nodeId } from './ids.ts'

/** What makes one at home here, in the order in which it is told. */
export const firstStepNames = [
  'node',
  'key',
  'run',
  'finding',
  'second-node',
  'dry-run',
  'plan',
  'schedule',
  'told',
  'kit',
  'money',
] as const
export const firstStepName = z.enum(firstStepNames)
export type FirstStepName = z.infer<typeof firstStepName>

export const firstSteps = z
  .object({
    steps: z.array(
      z.object({
        name: firstStepName,
        /** Told by what is there, never by a click. */
        isDone: z.boolean(),
        isSkipped: z.boolean(),
      }),
    ),
    /** Not shown at home any more; it can be brought back. */
    isPutAway: z.boolean(),
    /** The node that was added first; null while there is none. */
    nodeId: nodeId.nullable(),
  })
  .meta({ id: 'FirstSteps' })
export type FirstSteps = z.infer<typeof firstSteps>

export const firstStepsApi = defineApi({
  firstSteps: {
    get: {
      method: 'GET',
      path: '/first-steps',
      summary: 'Show the first steps, and which of them are done',
      permission: 'settings.read',
      reply: firstSteps,
    },
    change: {
      method: 'PATCH',
      path: '/first-steps',
      summary: 'Skip steps, or put the list away; what is left out stays',
      permission: 'settings.write',
      body: z.strictObject({
        skipped: z.array(firstStepName).max(firstStepNames.length).optional(),
        isPutAway: z.boolean().optional(),
      }),
      reply: firstSteps,
    },
  },
})
