import type { settingsApi } from '../../contract/settings.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Settings } from './settings.ts'

export function createSettingsRoutes(settings: Settings): Handlers<typeof settingsApi> {
  return {
    settings: {
      get: () => settings.get(),
      change: ({ body }, { actor }) => settings.change(body, actor),
    },
  }
}
