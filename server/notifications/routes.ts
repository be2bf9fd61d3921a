import type { notificationsApi } from '../../contract/notifications.ts'
import { userIdOf } from '../auth/person.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Notifications } from './notifications.ts'

export function createNotificationRoutes(notifications: Notifications): Handlers<typeof notificationsApi> {
  return {
    notifications: {
      get: () => notifications.state(),
      addChannel: ({ body }, { actor }) => notifications.addChannel(body, actor),
      changeChannel: ({ params, body }, { actor }) => notifications.changeChannel(params.id, body, actor),
      removeChannel: async ({ params }, { actor }) => {
        await notifications.removeChannel(params.id, actor)
        return { removed: true }
      },
      testChannel: ({ params }, { actor }) => notifications.test(params.id, actor),
      tryChannel: ({ body }, { actor }) => notifications.tryDraft(body.id, body.channel, actor),
      setRules: ({ body }, { actor }) => notifications.setRules(body, actor),
      report: async () => ({ channels: await notifications.report() }),
      deliveries: ({ query }) => notifications.deliveries(query),
      sendAgain: ({ params }, { actor }) => notifications.sendAgain(params.id, actor),
      pushKey: () => notifications.pushKey(),
      subscribe: async ({ body }, { actor }) => ({
        browsers: await notifications.subscribe(userIdOf(actor), body),
      }),
      unsubscribe: async (_, { actor }) => ({ removed: await notifications.unsubscribe(userIdOf(actor)) }),
    },
  }
}
