import type { nodesApi } from '../../contract/nodes.ts'
import { fail } from '../lib/errors.ts'
import type { Handlers } from '../lib/routes.ts'
import { fingerprintOf } from '../ssh/host-key.ts'
import type { Nodes } from './nodes.ts'

export function createNodeRoutes(nodes: Nodes): Handlers<typeof nodesApi> {
  return {
    nodes: {
      list: ({ query }) => nodes.list(query),
      get: ({ params }) => nodes.get(params.id),
      create: ({ body }, { actor }) => nodes.create(body, actor),
      change: ({ params, body }, { actor }) => nodes.change(params.id, body, actor),
      remove: async ({ params }, { actor }) => {
        await nodes.remove(params.id, actor)
        return { removed: true }
      },
      test: ({ params }, { actor, signal }) => nodes.test(params.id, actor, signal),
      confirmHostKey: ({ params, body }, { actor }) => {
        // The fingerprint is what the person compared, so it must belong to the key that would be trusted.
        if (fingerprintOf(Buffer.from(body.key, 'base64')) !== body.fingerprint) {
          const issues = [{ path: 'fingerprint', message: 'does not belong to this key' }]
          throw fail('request.invalid', { detail: 'The fingerprint does not belong to this key.', issues })
        }
        return nodes.confirmHostKey(params.id, body, actor)
      },
    },
  }
}
