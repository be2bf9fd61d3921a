import type { firstStepsApi } from '../../contract/first-steps.ts'
import type { Handlers } from '../lib/routes.ts'
import type { FirstStepList } from './first-steps.ts'

export function createFirstStepRoutes(list: FirstStepList): Handlers<typeof firstStepsApi> {
  return {
    firstSteps: {
      get: () => list.get(),
      change: ({ body: { skipped, isPutAway } }, { actor }) =>
        list.change(
          { ...(skipped !== undefined && { skipped }), ...(isPutAway !== undefined && { isPutAway }) },
          actor,
        ),
    },
  }
}
