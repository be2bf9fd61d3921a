import type { aiApi } from '../../contract/ai.ts'
import type { NodeId } from '../../contract/ids.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Ai } from './ai.ts'

/** `knowNode` throws `node.not_found`. */
export function createAiRoutes(ai: Ai, knowNode: (id: NodeId) => Promise<unknown>): Handlers<typeof aiApi> {
  return {
    ai: {
      get: () => ai.state(),
      setUp: ({ body }, { actor }) => ai.change(body, actor),
      setUpNode: async ({ params, body }, { actor }) => {
        await knowNode(params.id)
        return ai.changeNode(params.id, body, actor)
      },
      putKey: ({ params, body }, { actor }) => ai.putKey(params.driver, body.key, actor),
      removeKey: ({ params }, { actor }) => ai.removeKey(params.driver, actor),
      test: ({ body }, { actor, signal }) => ai.test(body.depth, actor, signal),
      exchange: ({ params }) => ai.exchange(params.id),
    },
  }
}
