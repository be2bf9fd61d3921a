import type { Messages } from '../../lib/messages.ts'

export const audit: Messages['audit'] = {
  title: 'Aktivität',
}
