import * as z from 'zod'
import { defineApi } from './endpoint.ts'

/** Whether there is something made up to look around in. */
export const sampleState = z
  .object({
    present: z.boolean(),
    /** Samples go in only while there is no real node, so that nobody has to tell the two apart. */
    canAdd: z.boolean(),
  })
  .meta({ id: 'SampleState' })
export type SampleState = z.infer<typeof sampleState>

export const samplesApi = defineApi({
  samples: {
    get: {
      method: 'GET',
      path: '/samples',
      summary: 'Show whether there is sample data, and whether it can be put in',
      permission: 'node.read',
      reply: sampleState,
    },
    add: {
      method: 'POST',
      path: '/samples',
      summary:
        'Put sample data in: made-up nodes that nobody contacts, with reports, findings, a plan and a schedule',
      permission: 'node.write',
      reply: sampleState,
      errors: ['samples.real_nodes'],
    },
    remove: {
      method: 'DELETE',
      path: '/samples',
      summary: 'Remove all sample data',
      permission: 'node.write',
      reply: sampleState,
    },
  },
})
