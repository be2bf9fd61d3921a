import type { triggersApi } from '../../contract/triggers.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Triggers } from './triggers.ts'

export function createTriggerRoutes(triggers: Triggers): Handlers<typeof triggersApi> {
  return {
    triggers: {
      list: async () => ({ items: await triggers.list() }),
      create: ({ body }, { actor }) => triggers.create(body, actor),
      get: ({ params }) => triggers.get(params.id),
      change: ({ params, body }, { actor }) => triggers.change(params.id, body, actor),
      pause: ({ params, body }, { actor }) => triggers.pause(params.id, body.paused, actor),
      remove: async ({ params }, { actor }) => {
        await triggers.remove(params.id, actor)
        return { removed: true }
      },
      fire: ({ params, body }, { actor }) => triggers.fire(params.id, body.targets, actor),
      firings: ({ params, query }) => triggers.firings(params.id, query),
      renewHook: ({ params }, { actor }) => triggers.renewHook(params.id, actor),
      call: async ({ params, body }, { ip, header }) => {
        await triggers.call({ secret: params.secret, body, ip, header })
        return { accepted: true }
      },
    },
  }
}
