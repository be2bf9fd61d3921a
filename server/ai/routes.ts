import type { aiApi } from '../../contract/ai.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Ai } from './ai.ts'

export function createAiRoutes(ai: Ai): Handlers<typeof aiApi> {
  return {
    ai: {
      get: () => ai.state(),
      setUp: ({ body }, { actor }) => ai.change(body, actor),
      putKey: ({ params, body }, { actor }) => ai.putKey(params.driver, body.key, actor),
      removeKey: ({ params }, { actor }) => ai.removeKey(params.driver, actor),
      test: ({ body }, { actor, signal }) => ai.test(body.depth, actor, signal),
      exchange: ({ params }) => ai.exchange(params.id),
    },
  }
}
