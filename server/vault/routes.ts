import type { credentialsApi } from '../../contract/credentials.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Credentials } from './credentials.ts'

export function createCredentialRoutes(credentials: Credentials): Handlers<typeof credentialsApi> {
  return {
    credentials: {
      list: async () => ({ items: await credentials.list() }),
      create: ({ body }, { actor }) => credentials.create(body, actor),
      replace: ({ params, body }, { actor }) => credentials.replace(params.id, body, actor),
      remove: async ({ params }, { actor }) => {
        await credentials.remove(params.id, actor)
        return { removed: true }
      },
    },
  }
}
