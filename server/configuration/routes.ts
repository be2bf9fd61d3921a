import type { configurationApi } from '../../contract/configuration.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Configuration } from './configuration.ts'

export function createConfigurationRoutes(configuration: Configuration): Handlers<typeof configurationApi> {
  return {
    configuration: {
      export: async (_, { actor }) => ({
        mediaType: 'application/yaml',
        ...(await configuration.exportText(actor)),
      }),
      apply: async ({ body }, { actor }) => ({ items: await configuration.apply(body, actor) }),
    },
  }
}
