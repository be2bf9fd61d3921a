import type { explanationsApi } from '../../../contract/explanations.ts'
import type { Handlers } from '../../lib/routes.ts'
import type { Explain } from './explain.ts'

export function createExplanationRoutes(explain: Explain): Handlers<typeof explanationsApi> {
  return {
    explanations: {
      get: ({ params }) => explain.get(params.id),
      explain: ({ params, body }, { actor }) => explain.explain(params.id, body, actor),
      price: ({ params, body }) => explain.price(params.id, body),
      ask: ({ params, body }, { actor }) => explain.question(params.id, body, actor),
    },
  }
}
