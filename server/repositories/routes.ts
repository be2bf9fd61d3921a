import type { repositoriesApi } from '../../contract/repositories.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Repositories } from './repositories.ts'

export function createRepositoryRoutes(repositories: Repositories): Handlers<typeof repositoriesApi> {
  return {
    repositories: {
      list: async () => ({ items: await repositories.list() }),
      create: ({ body }, { actor }) => repositories.create(body, actor),
      setSecret: ({ params, body }, { actor }) => repositories.setSecret(params.id, body, actor),
      removeSecret: ({ params }, { actor }) => repositories.removeSecret(params.id, actor),
      remove: async ({ params }, { actor }) => {
        await repositories.remove(params.id, actor)
        return { removed: true }
      },
    },
  }
}
