import type { keysApi } from '../../../contract/keys.ts'
import type { Handlers } from '../../lib/routes.ts'
import type { Rotations } from '../rotations.ts'

export function createKeyRoutes(rotations: Rotations): Handlers<typeof keysApi> {
  return {
    keys: {
      list: async () => ({ items: await rotations.list() }),
      get: ({ params }) => rotations.get(params.id),
      rotate: ({ params, body }, { actor }) => rotations.rotate(params.id, body, actor),
      confirm: ({ params }, { actor }) => rotations.confirm(params.id, actor),
      cancel: ({ params }, { actor }) => rotations.cancel(params.id, actor),
      forget: ({ params }, { actor }) => rotations.forget(params.id, actor),
    },
  }
}
