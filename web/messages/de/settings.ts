import type { Messages } from '../../lib/messages.ts'

export const settings: Messages['settings'] = {
  title: 'Einstellungen',
}
