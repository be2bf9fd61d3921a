import type { Messages } from '../../lib/messages.ts'

export const dashboard: Messages['dashboard'] = {
  title: 'Start',
}
