import type { samplesApi } from '../../contract/samples.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Samples } from './samples.ts'

export function createSampleRoutes(samples: Samples): Handlers<typeof samplesApi> {
  return {
    samples: {
      get: () => samples.state(),
      add: (_, { actor }) => samples.add(actor),
      remove: (_, { actor }) => samples.remove(actor),
    },
  }
}
