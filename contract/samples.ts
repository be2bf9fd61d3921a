import * as z from 'zod'
import { defineApi } from './endpoint.ts'

/** What every id of a sample holds behind its time. Fifty bits: none comes about by chance. */
const mark = 'samp1edata'
const sampleId = new RegExp(`^[a-z]{3}_[0-9a-z]{10}${mark}[0-9a-z]{6}$`)

/** The ids of samples as SQL's `like` finds them. */
export const sampleLike = `${'_'.repeat(14)}${mark}${'_'.repeat(6)}`

/** The end of the id of a sample, by its number. */
export const sampleTail = (number: number): string => `${mark}${String(number).padStart(6, '0')}`

/** Whether an id is that of something made up, put in to look around: it is shown, and nothing is done with it. */
export const isSampleId = (id: string): boolean => sampleId.test(id)

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
